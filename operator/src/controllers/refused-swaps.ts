/**
 * Swaps that the API server judged invalid. It will judge the same again for as long as the object is what it was: they are tried ever
 * less often, and at once when somebody has changed the object.
 */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

interface Refused {
  readonly resourceVersion: string | undefined;
  readonly times: number;
  readonly until: number;
}

export class RefusedSwaps {
  readonly #now: () => number;
  readonly #refused = new Map<string, Refused>();

  /** `now`: milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Until the object of that key may be tried again, ms; 0 for now. */
  leftMs(key: string, resourceVersion: string | undefined): number {
    const refused = this.#refused.get(key);
    if (refused === undefined || refused.resourceVersion !== resourceVersion) return 0;
    return Math.max(0, refused.until - this.#now());
  }

  /** The object is left as it is at that version. */
  refused(key: string, resourceVersion: string | undefined): void {
    const times = (this.#refused.get(key)?.times ?? 0) + 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs);
    this.#refused.set(key, { resourceVersion, times, until: this.#now() + pauseMs });
  }

  forget(key: string): void {
    this.#refused.delete(key);
  }
}
