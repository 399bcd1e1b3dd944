/**
 * One stream of reports from one node, from dialling to its end. gRPC over Node's own HTTP/2: there are as many of these connections as
 * storage nodes, and one of a gRPC library takes three times the memory and CPU.
 */
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { identityHeaders, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity-header.ts';
import { ReportService, WatchRequestSchema, WatchResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { framed, GrpcMessages } from './grpc-messages.ts';
import type { StreamEnd } from './known-node.ts';
import { decodeReport, type NodeReport } from './node-report.ts';

export interface ReportStreamOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: ClusterIdentity;
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

/** Three of them fit into the silence after which a node is missed. */
const keepAliveMs = 1000;

const request = framed(toBinary(WatchRequestSchema, create(WatchRequestSchema, { keepAliveMs })));

/** One request in its whole life: no table of headers that were sent before. */
const sessionOptions = { settings: { enablePush: false, headerTableSize: 0 }, maxDeflateDynamicTableSize: 0 };

const path = `/${ReportService.typeName}/${ReportService.method.watch.name}`;

/** Of gRPC: the status codes that say more than that it failed. */
const status = { ok: 0, cancelled: 1, failedPrecondition: 9, unavailable: 14 } as const;

/** Resolves when the stream has ended, however it did; never rejects. */
export async function readReports(options: ReportStreamOptions, signal: AbortSignal): Promise<StreamEnd> {
  const { address, port, silenceMs } = options;
  const { promise, resolve } = Promise.withResolvers<StreamEnd>();
  const session = connect(`http://${address.includes(':') ? `[${address}]` : address}:${port}`, sessionOptions);
  const silence = setTimeout(() => resolve({ kind: 'silent', because: `nothing came for ${silenceMs} ms` }), silenceMs);
  const stop = () => resolve({ kind: 'closed', because: 'it is not asked any more' });
  signal.addEventListener('abort', stop, { once: true });
  session.on('error', (error: Error) => resolve({ kind: 'closed', because: error.message }));
  session.on('close', () => resolve({ kind: 'closed', because: 'the connection closed' }));
  try {
    if (signal.aborted) stop();
    else read(session, options, { heard: () => silence.refresh(), end: resolve });
    return await promise;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    session.destroy();
  }
}

interface Reader {
  readonly heard: () => void;
  readonly end: (end: StreamEnd) => void;
}

function read(session: ClientHttp2Session, { identity, onReport }: ReportStreamOptions, { heard, end }: Reader): void {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: constants.HTTP2_METHOD_POST,
    [constants.HTTP2_HEADER_PATH]: path,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    [constants.HTTP2_HEADER_TE]: 'trailers',
    ...identityHeaders(identity),
  });
  const messages = new GrpcMessages(maxMessageBytes);
  stream.on('data', (chunk: Buffer) => {
    heard();
    try {
      for (const message of messages.take(chunk)) onReport(decodeReport(fromBinary(WatchResponseSchema, message)));
    } catch (error) {
      end(endOfReading(error));
      stream.destroy();
    }
  });
  endsWithStatus(stream, end);
  stream.end(request);
}

/** The status is in the trailers, or among the headers where nothing else came. */
function endsWithStatus(stream: ClientHttp2Stream, end: (end: StreamEnd) => void): void {
  const look = (headers: IncomingHttpHeaders): void => {
    const said = endBySaid(headers);
    if (said !== undefined) end(said);
  };
  stream.on('response', look);
  stream.on('trailers', look);
  stream.on('error', (error: Error) => end({ kind: 'closed', because: error.message }));
  stream.on('close', () => end({ kind: 'closed', because: 'the node ended the stream' }));
}

/** Undefined while it goes on. */
function endBySaid(headers: IncomingHttpHeaders): StreamEnd | undefined {
  const code = headers['grpc-status'];
  if (code === undefined) {
    const http = headers[constants.HTTP2_HEADER_STATUS];
    return http === undefined || Number(http) === 200 ? undefined : { kind: 'mute', because: `HTTP status ${String(http)}` };
  }
  const details = headers['grpc-message'];
  const because = `gRPC status ${String(code)}: ${String(details ?? '')}`;
  switch (Number(code)) {
    case status.ok:
      return { kind: 'closed', because: 'the node ended the stream' };
    case status.cancelled:
    case status.unavailable:
      return { kind: 'closed', because };
    case status.failedPrecondition:
      return { kind: 'foreign', because };
    default:
      return { kind: 'mute', because };
  }
}

/** What one node says must not end the operator of all others. */
function endOfReading(error: unknown): StreamEnd {
  const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: error instanceof ForeignReportError ? 'foreign' : 'mute', because };
}
