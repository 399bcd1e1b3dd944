import type { CallContext } from '@vectorcluster/proto/grpc-adapter.ts';
import { Metadata, status } from '@grpc/grpc-js';
import type { RequestContext } from '../../coordinator/database.ts';
import { encodeSession } from '../../coordinator/session-token.ts';
import type { Session } from '../../coordinator/session.ts';
import { tracedFrom } from '../../tracing.ts';
import { edgeError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import type { RequestMetrics } from '../metrics.ts';
import { consistencyHeader, readOptions, sessionHeader, type ReadOptions } from '../read-options.ts';
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
      const asked = readOptionsOf(call.metadata);
      const response = await withinScope({ operation, timeoutMs, gone: call.signal }, async (context) =>
        tracedFrom(call.metadata, operation, async () => work(request, { ...context, ...asked })),
      );
      if (asked.session !== undefined) call.setTrailer(sessionMetadata(asked.session));
      return { ...response, time: seconds() };
    } catch (error) {
      code = edgeError(error).grpc;
      throw error;
    } finally {
      metrics.requestFinished({ protocol: 'grpc', operation, code: status[code], seconds: seconds() });
    }
  };
}

function readOptionsOf(metadata: Metadata): ReadOptions {
  const text = (name: string) => metadata.get(name)[0]?.toString();
  return readOptions(text(consistencyHeader), text(sessionHeader));
}

function sessionMetadata(session: Session): Metadata {
  const metadata = new Metadata();
  metadata.set(sessionHeader, encodeSession(session));
  return metadata;
}
