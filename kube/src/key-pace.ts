/**
 * How often one key may be worked on: a burst at once, then one run every so often. Two writers that undo each other's words, each woken by
 * the other's write, would otherwise do it as fast as the API server answers.
 *
 * The generic cell rate algorithm (ITU-T I.371): one number a key, the time at which all its runs so far are paid for.
 */
export interface Pace {
  readonly burst: number;
  readonly intervalMs: number;
}

/** How many keys are remembered before those that owe nothing are let go. */
const fewestSwept = 1024;

export class KeyPace {
  readonly #pace: Pace;
  readonly #paidAt = new Map<string, number>();
  #sweepAbove = fewestSwept;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** 0 when a run may begin now, which is then counted; else how long it has to wait, in whole milliseconds: less than one may be no time at all. */
  take(key: string, now: number): number {
    const { burst, intervalMs } = this.#pace;
    const paidAt = Math.max(this.#paidAt.get(key) ?? now, now);
    const waitMs = paidAt - now - (burst - 1) * intervalMs;
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#paidAt.set(key, paidAt + intervalMs);
    if (this.#paidAt.size > this.#sweepAbove) this.#sweep(now);
    return 0;
  }

  #sweep(now: number): void {
    for (const [key, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(key);
    this.#sweepAbove = Math.max(fewestSwept, this.#paidAt.size * 2);
  }
}
