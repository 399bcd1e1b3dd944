/** Reads that wait for a confirmation round of their primary. */
import { randomUUID } from 'node:crypto';
import { NotPrimaryError } from '../errors.ts';

export class PendingReads {
  readonly #shard: string;
  readonly #waiting = new Map<string, PromiseWithResolvers<bigint>>();

  constructor(shard: string) {
    this.#shard = shard;
  }

  /**
   * `ask` puts the question; resolves with the sequence that must be applied before the read. Throws NotPrimaryError; rejects with the
   * signal's reason.
   */
  async confirm(ask: (read: string) => void, signal: AbortSignal): Promise<bigint> {
    const read = randomUUID();
    const answer = Promise.withResolvers<bigint>();
    const giveUp = () => answer.reject(signal.reason);
    this.#waiting.set(read, answer);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      signal.throwIfAborted();
      ask(read);
      return await answer.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(read);
    }
  }

  confirmed(read: string, upTo: bigint): void {
    this.#waiting.get(read)?.resolve(upTo);
  }

  refused(read: string, epoch: bigint): void {
    this.#waiting.get(read)?.reject(new NotPrimaryError(this.#shard, epoch));
  }
}
