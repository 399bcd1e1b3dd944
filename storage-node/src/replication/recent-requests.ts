/**
 * Requests that took effect lately: one that is sent again is answered as it was and takes effect once. The same window on every
 * replica, because it follows from the log alone.
 */
import type { Position } from './log-shape.ts';

/** Requests remembered for each shard; a client that retries does so long before as many others have come. */
export const rememberedRequests = 4096;

export class RecentRequests {
  readonly #answers = new Map<string, Position>();

  get(requestId: string): Position | undefined {
    return this.#answers.get(requestId);
  }

  /** In the order of the sequences. */
  remember(requestId: string, answer: Position): void {
    this.#answers.set(requestId, answer);
    if (this.#answers.size <= rememberedRequests) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}
