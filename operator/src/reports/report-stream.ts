/** One stream of reports from one node, from dialling to its end. */
import { Client, credentials, status, type ChannelOptions, type ServiceError } from '@grpc/grpc-js';
import { identityMetadata, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
import { ReportService, type WatchResponse } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { brokeOff, callServerStream } from '@vectorcluster/proto/grpc-client.ts';
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

const channelOptions: ChannelOptions = {
  // A complete report of a hundred thousand replicas.
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  // Each attempt is a connection of its own: no backoff of the library's between ours.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  // Addresses of Pods are near, whatever proxy the environment names for the world outside.
  'grpc.enable_http_proxy': 0,
};

/** Resolves when the stream has ended, however it did; never rejects. */
export async function readReports(options: ReportStreamOptions, signal: AbortSignal): Promise<StreamEnd> {
  const { address, port, identity, onReport, silenceMs } = options;
  const client = new Client(`${address.includes(':') ? `[${address}]` : address}:${port}`, credentials.createInsecure(), channelOptions);
  const { promise, resolve } = Promise.withResolvers<StreamEnd>();
  const stream = callServerStream(client, ReportService.method.watch, {}, { metadata: identityMetadata(identity), signal });
  const giveUp = (end: StreamEnd) => {
    resolve(end);
    stream.cancel();
  };
  const silence = setTimeout(() => giveUp({ kind: 'silent', because: `nothing came for ${silenceMs} ms` }), silenceMs);
  stream.on('data', (message: WatchResponse) => {
    silence.refresh();
    try {
      onReport(decodeReport(message));
    } catch (error) {
      giveUp(endOfReading(error));
    }
  });
  stream.on('error', (error: ServiceError) => resolve(endByStatus(error)));
  stream.on('end', () => resolve({ kind: 'closed', because: 'the node ended the stream' }));
  try {
    return await promise;
  } finally {
    clearTimeout(silence);
    client.close();
  }
}

/** What one node says must not end the operator of all others. */
function endOfReading(error: unknown): StreamEnd {
  const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: error instanceof ForeignReportError ? 'foreign' : 'mute', because };
}

function endByStatus(error: ServiceError): StreamEnd {
  const { code, details } = error;
  const because = `${status[code]}: ${details}`;
  if (brokeOff(error) || code === status.CANCELLED) return { kind: 'closed', because };
  return { kind: code === status.FAILED_PRECONDITION ? 'foreign' : 'mute', because };
}
