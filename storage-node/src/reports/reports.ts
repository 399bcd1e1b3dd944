/** The service from which the operator hears of this node. */
import { status, type Server, type ServerWritableStream } from '@grpc/grpc-js';
import { addService } from '@vectorcluster/proto/grpc-adapter.ts';
import { foreignIdentity, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
import { ReportService, type WatchRequest } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import type { ReportMessage } from './encode-report.ts';
import type { ReportMetrics } from './metrics.ts';
import type { ReportSource } from './report-source.ts';
import { ReportStream } from './report-stream.ts';

/** One leading operator, one that takes over from it, and connections that nobody has noticed to be dead. */
const maxReaders = 8;

export interface ReportsOptions {
  readonly source: ReportSource;
  readonly identity: ClusterIdentity;
  readonly metrics: ReportMetrics;
}

export interface Reports extends Disposable {
  /** To be registered on the peer server. Dispose of the reports before the server is closed: their streams never end by themselves. */
  readonly service: (server: Server) => void;
}

type WatchCall = ServerWritableStream<WatchRequest, ReportMessage>;

export function createReports({ source, identity, metrics }: ReportsOptions): Reports {
  const open = new Map<WatchCall, ReportStream>();
  let isClosed = false;

  const refusalOf = (call: WatchCall) => {
    const other = foreignIdentity(call.metadata, identity);
    if (other !== undefined) {
      const details = `this node belongs to cluster ${identity.namespace}/${identity.cluster}, the call is for ${other}`;
      return { code: status.FAILED_PRECONDITION, details };
    }
    if (isClosed) return { code: status.UNAVAILABLE, details: 'this node is shutting down' };
    if (open.size >= maxReaders) return { code: status.RESOURCE_EXHAUSTED, details: `${maxReaders} readers have reports already` };
    return undefined;
  };

  const watch = (call: WatchCall) => {
    const refusal = refusalOf(call);
    if (refusal !== undefined) {
      call.emit('error', refusal);
      return;
    }
    const write = (report: ReportMessage, taken: () => void) => {
      metrics.reportSent();
      call.write(report, () => taken());
    };
    const stream = new ReportStream({ source, keepAliveMs: call.request.keepAliveMs, write });
    open.set(call, stream);
    metrics.readers(open.size);
    const end = () => {
      stream[Symbol.dispose]();
      if (open.delete(call)) metrics.readers(open.size);
    };
    for (const event of ['cancelled', 'error', 'close'] as const) call.once(event, end);
  };

  return {
    service: (server) => addService(server, ReportService, { watch }, () => ({ code: status.INTERNAL, details: 'internal error' })),
    [Symbol.dispose]() {
      isClosed = true;
      for (const call of open.keys()) call.emit('error', { code: status.UNAVAILABLE, details: 'this node is shutting down' });
    },
  };
}
