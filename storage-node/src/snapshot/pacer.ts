/**
 * Lets the bytes of all snapshots of this node through: at a rate, with a quarter of a second's worth at once at most; at a lower one, and
 * with next to nothing at once, while clients read; slower while the thread has other work.
 */
export interface PacerOptions {
  /** Infinity for no limit. */
  readonly bytesPerSecond: number;
  /** While clients read. */
  readonly bytesPerSecondBesideReads: number;
  /** How often clients have read from this node so far. */
  readonly reads: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when all else that waits for the thread had its turn. */
  readonly turn: () => Promise<void>;
}

const burstMs = 250;
/** The same while clients read: by so much timers are late. */
const burstBesideReadsMs = 4;
/** Clients that read nothing for so long do not read. */
const readingMs = 1_000;
/** What sending takes itself: a thread with nothing else to do gets round in less. */
const freeTurnMs = 2;
/** The longest rest: with messages of 64 KiB some of it goes whatever the load, and so a copy ends. */
const restMsMax = 50;

export class Pacer {
  readonly #options: PacerOptions;
  /** When all that was let through has had its time. */
  #paidUntil = -Infinity;
  #reads: number;
  #readAt = -Infinity;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#reads = options.reads();
  }

  /** Resolves when `bytes` may go. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#yield(signal);
    const { bytesPerSecond, bytesPerSecondBesideReads, now, sleep } = this.#options;
    const at = now();
    const [rate, saved] = this.#isBesideReads(at) ? [bytesPerSecondBesideReads, burstBesideReadsMs] : [bytesPerSecond, burstMs];
    if (rate === Infinity) return;
    this.#paidUntil = Math.max(this.#paidUntil, at - saved) + (bytes / rate) * 1000;
    if (this.#paidUntil > at) await sleep(this.#paidUntil - at, signal);
  }

  #isBesideReads(at: number): boolean {
    const reads = this.#options.reads();
    if (reads !== this.#reads) this.#readAt = at;
    this.#reads = reads;
    return at - this.#readAt < readingMs;
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
