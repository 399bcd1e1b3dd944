/**
 * A monotonic clock that stands still while this process does not run. A process that was stopped or starved for seconds has heard
 * nothing for as long; that is not the silence of others, whose words wait in its sockets.
 */
const tickMs = 100;

/** Between two looks at the real clock no more than this counts. */
const longestStepMs = 250;

export class AwakeClock implements Disposable {
  readonly #now: () => number;
  readonly #ticks: NodeJS.Timeout;
  #counted = 0;
  #lookedAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#lookedAt = now();
    this.#ticks = setInterval(() => this.now(), tickMs).unref();
  }

  /** Milliseconds that this process has run since the clock was made; never goes back. */
  now(): number {
    const now = this.#now();
    this.#counted += Math.min(now - this.#lookedAt, longestStepMs);
    this.#lookedAt = now;
    return this.#counted;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticks);
  }
}
