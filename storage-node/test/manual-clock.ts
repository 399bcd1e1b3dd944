/** Time that passes when a test says so. */
import type { After } from '../src/coordinator/wave.ts';

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

export class ManualClock {
  now = 0;
  readonly #timers = new Set<Timer>();

  get waiting(): number {
    return this.#timers.size;
  }

  readonly after: After = (ms, act) => {
    const timer = { at: this.now + ms, act };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  };

  /** Timers ring in order; what they set off has settled before the next one and at the end. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const [due] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#timers.delete(due);
      due.act();
      await settled();
    }
    this.now = end;
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
