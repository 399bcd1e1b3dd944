import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../coordinator/database.ts';
import { DeadlineError } from '../errors.ts';
import { ClientGoneError } from './errors.ts';

export interface RequestScope {
  /** For the text of the deadline error. */
  readonly operation: string;
  readonly timeoutMs: number;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
}

/**
 * Runs `work` until its deadline or until the client goes away, whichever comes first; then the signal it was given aborts with the reason
 * and this rejects with it, even if `work` itself does not notice.
 *
 * The request id is ours, not the client's: an id takes effect once, and clients send the same tracing id with many writes.
 */
export async function withinScope<T>(scope: RequestScope, work: (context: RequestContext) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (reason: Error) => {
    controller.abort(reason);
    reject(reason);
  };
  const gone = () => stop(new ClientGoneError());
  let because = '';
  const waitsFor = (reason: string) => void (because = `; ${reason}`);
  const late = () =>
    stop(new DeadlineError(`operation \`${scope.operation}\` timed out after ${scope.timeoutMs / 1000} seconds${because}`));
  const timer = setTimeout(late, scope.timeoutMs);
  scope.gone.addEventListener('abort', gone, { once: true });
  if (scope.gone.aborted) gone();
  try {
    return await Promise.race([stopped, work({ signal, requestId: randomUUID(), waitsFor })]);
  } finally {
    clearTimeout(timer);
    scope.gone.removeEventListener('abort', gone);
  }
}
