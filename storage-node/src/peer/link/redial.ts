/** When to dial a node again: soon after a good connection, ever later after bad ones, and never all nodes at the same moment. */
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import { provenAfterMs, redialBackoff } from './link-limits.ts';
import type { LinkTimers } from './link-timers.ts';

export class Redial {
  readonly #timers: LinkTimers;
  readonly #dial: () => void;
  #failuresInARow = 0;
  #cancel: () => void = () => {};

  constructor(timers: LinkTimers, dial: () => void) {
    this.#timers = timers;
    this.#dial = dial;
  }

  now(): void {
    this.#cancel();
    this.#failuresInARow = 0;
    this.#dial();
  }

  /** `lastedMs`: how long the connection was open that ended; 0 when it never was. */
  later(lastedMs: number): void {
    this.#cancel();
    this.#failuresInARow = lastedMs >= provenAfterMs ? 1 : this.#failuresInARow + 1;
    this.#cancel = this.#timers.after(
      backoffDelayMs(redialBackoff, this.#failuresInARow, () => this.#timers.random()),
      this.#dial,
    );
  }

  stop(): void {
    this.#cancel();
  }
}
