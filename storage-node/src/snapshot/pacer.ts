/** Lets bytes through at a rate, with a second's worth at once at most. */
export interface PacerOptions {
  /** Infinity for no limit. */
  readonly bytesPerSecond: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const burstMs = 250;

export class Pacer {
  readonly #options: PacerOptions;
  /** When all that was let through has had its time. */
  #paidUntil = -Infinity;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Resolves when `bytes` may go. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    const { bytesPerSecond, now, sleep } = this.#options;
    if (bytesPerSecond === Infinity) return;
    const at = now();
    this.#paidUntil = Math.max(this.#paidUntil, at - burstMs) + (bytes / bytesPerSecond) * 1000;
    if (this.#paidUntil > at) await sleep(this.#paidUntil - at, signal);
  }
}
