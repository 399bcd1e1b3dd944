/** Lets bytes through at a rate, with a quarter of a second's worth at once at most; slower while the thread has other work. */
export interface PacerOptions {
  /** Infinity for no limit. */
  readonly bytesPerSecond: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when all else that waits for the thread had its turn. */
  readonly turn: () => Promise<void>;
}

const burstMs = 250;
/** What sending takes itself: a thread with nothing else to do gets round in less. */
const freeTurnMs = 2;
/** The longest rest: with messages of 256 KiB, 5 MiB a second go whatever the load, and so a copy ends. */
const restMsMax = 50;

export class Pacer {
  readonly #options: PacerOptions;
  /** When all that was let through has had its time. */
  #paidUntil = -Infinity;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Resolves when `bytes` may go. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#yield(signal);
    const { bytesPerSecond, now, sleep } = this.#options;
    if (bytesPerSecond === Infinity) return;
    const at = now();
    this.#paidUntil = Math.max(this.#paidUntil, at - burstMs) + (bytes / bytesPerSecond) * 1000;
    if (this.#paidUntil > at) await sleep(this.#paidUntil - at, signal);
  }

  /** Rests for as long as the others needed, so that they have at least half of a thread that they want all of. */
  async #yield(signal: AbortSignal): Promise<void> {
    const { now, sleep, turn } = this.#options;
    const began = now();
    await turn();
    const turnMs = now() - began;
    if (turnMs > freeTurnMs) await sleep(Math.min(turnMs, restMsMax), signal);
  }
}
