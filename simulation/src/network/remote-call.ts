/** A call from one process to another node, as gRPC would make it: an answer, a refusal, or a connection that broke. */
import { NodeUnreachableError } from '@vectorcluster/storage-node/errors.ts';
import type { Process } from '../time/process.ts';
import type { Network } from './network.ts';

/** Keepalive: a connection on which nothing comes is given up after this. */
const keepaliveMs = 8_000;

export interface RemoteCall<Served, Result> {
  readonly network: Network<Served>;
  readonly from: string;
  readonly process: Process;
  readonly to: string;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly handle: (served: Served, signal: AbortSignal) => Promise<Result>;
}

/** Rejects with NodeUnreachableError, whatever the other side threw, or the signal's reason. */
export async function remoteCall<Served, Result>({
  network,
  from,
  process,
  to,
  name,
  signal,
  handle,
}: RemoteCall<Served, Result>): Promise<Result> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const there = network.path(from, to);
  const back = network.path(to, from);
  const ended = new AbortController();
  const broken = (why: string) => reject(new NodeUnreachableError(`${to} cannot be reached: ${why}`));
  using _keepalive = process.after(keepaliveMs, () => broken('nothing came'));
  const leave = () => {
    reject(signal.reason);
    ended.abort(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  const answer = (act: () => void) => {
    if (!back.isCut) process.happens(back.draw(), `answer to ${name}`, act);
  };
  network.timeline.after(there.draw(), `call ${name}`, () => {
    const machine = network.machine(to);
    if (there.isCut || machine.kind === 'dark') return;
    if (machine.kind === 'refusing') return answer(() => broken('nobody listens'));
    const { door } = machine;
    const forgetEnd = door.process.onEnd(() => answer(() => broken('the process has ended')));
    door.process.happens(0, name, () => {
      void settle(() => handle(door.served, ended.signal)).then((end) => {
        forgetEnd();
        answer(end);
        return end;
      });
    });
  });
  async function settle(handled: () => Promise<Result>): Promise<() => void> {
    try {
      const result = await handled();
      return () => resolve(result);
    } catch (error) {
      return () => reject(error);
    }
  }
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', leave);
    ended.abort();
  }
}
