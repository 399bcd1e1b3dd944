/** Requests that took effect lately: one that is sent again is answered as it was and takes effect once. */
import type { WriteResult } from './shard.ts';

/** Requests remembered for each shard; a client that retries does so long before as many others have come. */
export const rememberedRequests = 1024;

export class RecentRequests {
  readonly #answers = new Map<string, WriteResult>();

  get(requestId: string): WriteResult | undefined {
    return this.#answers.get(requestId);
  }

  remember(requestId: string, answer: WriteResult): void {
    this.#answers.set(requestId, answer);
    if (this.#answers.size <= rememberedRequests) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}
