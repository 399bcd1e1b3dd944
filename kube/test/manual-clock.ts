/** Time that moves only when a test says so. */
export class ManualClock {
  #nowMs = 0;
  #timers: { readonly dueAt: number; readonly callback: () => void }[] = [];

  readonly now = (): number => this.#nowMs;

  readonly schedule = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { dueAt: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const cancel = this.schedule(resolve, ms);
    signal.addEventListener('abort', () => {
      cancel();
      resolve();
    });
    return promise;
  };

  /** Delays that are set, soonest first. */
  get pendingMs(): readonly number[] {
    return this.#timers.map((timer) => timer.dueAt - this.#nowMs).sort((a, b) => a - b);
  }

  /** Moves on, running each timer at its time and letting everything it leads to settle. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await settle();
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#nowMs = next.dueAt;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.callback();
      await settle();
    }
    this.#nowMs = end;
  }

  #nextDue(end: number): { readonly dueAt: number; readonly callback: () => void } | undefined {
    return this.#timers.filter((timer) => timer.dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}

/** Lets all promises that can settle without time or I/O do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
