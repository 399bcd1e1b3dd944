import type { CallContext } from '@vectorcluster/proto/grpc-adapter.ts';
import { status } from '@grpc/grpc-js';
import type { RequestContext } from '../../coordinator/database.ts';
import { tracedFrom } from '../../tracing.ts';
import { edgeError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import type { RequestMetrics } from '../metrics.ts';
import { withinScope } from '../request-scope.ts';

interface Timed {
  /** Seconds. */
  readonly timeout?: bigint | undefined;
}

export type Handle = <Request extends object, Response extends object>(
  operation: string,
  work: (request: Request & Timed, context: RequestContext) => Promise<Response>,
) => (request: Request, call: CallContext) => Promise<Response & { time: number }>;

/** Wraps the work of a call in its deadline, its metrics, and the `time` that every answer carries. */
export function handleWith(limits: RequestLimits, metrics: RequestMetrics): Handle {
  return (operation, work) => async (request: Timed & Parameters<typeof work>[0], call) => {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const timeoutMs = Math.min(request.timeout === undefined ? limits.timeoutMs : Number(request.timeout) * 1000, limits.maxTimeoutMs);
    let code = status.OK;
    try {
      const response = await withinScope({ operation, timeoutMs, gone: call.signal }, async (context) =>
        tracedFrom(call.metadata, operation, async () => work(request, context)),
      );
      return { ...response, time: seconds() };
    } catch (error) {
      code = edgeError(error).grpc;
      throw error;
    } finally {
      metrics.requestFinished({ protocol: 'grpc', operation, code: status[code], seconds: seconds() });
    }
  };
}
