/** One stream of reports from one node, from dialling to its end. */
import { fromBinary } from '@bufbuild/protobuf';
import { WatchResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { emptyMessage, GrpcMessages } from './grpc-messages.ts';
import { Http2Call, type Http2CallEnd } from './http2-call.ts';
import type { StreamEnd } from './known-node.ts';
import { decodeReport, type NodeReport } from './node-report.ts';
import { headersOf, type ReportAddress } from './report-call.ts';
import { whyRefused } from './report-refusal.ts';

export interface ReportStreamOptions extends ReportAddress {
  /** What it throws ends the stream. */
  readonly onReport: (report: NodeReport) => void;
  /** A stream on which nothing came for this long is given up. */
  readonly silenceMs: number;
}

/** The words of another Pod. */
export class ForeignReportError extends Error {
  override readonly name = 'ForeignReportError';
}

/** A complete report of a hundred thousand replicas. */
const maxMessageBytes = 32 * 1024 * 1024;

/** Resolves when the stream has ended, however it did; never rejects. */
export async function readReports(options: ReportStreamOptions, signal: AbortSignal): Promise<StreamEnd> {
  const { address, port, onReport, silenceMs } = options;
  const stopped = Promise.withResolvers<StreamEnd>();
  const silence = setTimeout(() => stopped.resolve({ kind: 'silent', because: `nothing came for ${silenceMs} ms` }), silenceMs);
  const stop = () => stopped.resolve({ kind: 'closed', because: 'it is not asked any more' });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const messages = new GrpcMessages(maxMessageBytes);
  const onData = (chunk: Buffer) => {
    silence.refresh();
    for (const message of messages.take(chunk)) onReport(decodeReport(fromBinary(WatchResponseSchema, message)));
  };
  using call = new Http2Call({ address, port, headers: headersOf(options), body: emptyMessage, onData });
  try {
    const ended = async () => streamEnd(await call.end, options);
    return await Promise.race([stopped.promise, ended()]);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
  }
}

function streamEnd(end: Http2CallEnd, options: ReportStreamOptions): StreamEnd | Promise<StreamEnd> {
  switch (end.kind) {
    case 'broken':
      return { kind: 'closed', because: end.because };
    case 'answered':
      return whyRefused(options);
    case 'refused':
      return endOfReading(end.error);
  }
}

/** What one node says must not end the operator of all others. */
function endOfReading(error: unknown): StreamEnd {
  const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: error instanceof ForeignReportError ? 'foreign' : 'mute', because };
}
