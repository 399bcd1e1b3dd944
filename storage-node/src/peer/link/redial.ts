/** When to dial a node again: soon after a good connection, ever later after bad ones, and never all nodes at the same moment. */
import { maxBackoffMs, minBackoffMs, provenAfterMs } from './link-limits.ts';
import type { LinkTimers } from './link-timers.ts';

export class Redial {
  readonly #timers: LinkTimers;
  readonly #dial: () => void;
  #backoffMs = minBackoffMs;
  #cancel: () => void = () => {};

  constructor(timers: LinkTimers, dial: () => void) {
    this.#timers = timers;
    this.#dial = dial;
  }

  now(): void {
    this.#cancel();
    this.#backoffMs = minBackoffMs;
    this.#dial();
  }

  /** `lastedMs`: how long the connection was open that ended; 0 when it never was. */
  later(lastedMs: number): void {
    this.#cancel();
    if (lastedMs >= provenAfterMs) this.#backoffMs = minBackoffMs;
    const delayMs = this.#backoffMs * (1 + this.#timers.random()) * 0.5;
    this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs);
    this.#cancel = this.#timers.after(delayMs, this.#dial);
  }

  stop(): void {
    this.#cancel();
  }
}
