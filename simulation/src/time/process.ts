/** A process of the world: it has its own clock, which may run fast or slow, it can be stopped for a while, and it can end at any moment. */
import type { After } from '@vectorcluster/storage-node/replica/after.ts';
import type { Doer, Timeline } from './timeline.ts';

export interface ProcessOptions {
  readonly name: string;
  readonly timeline: Timeline;
  /** What its monotonic clock says at the beginning of the world. */
  readonly offsetMs: number;
  /** Milliseconds of its clock in one of the world. */
  readonly rate: number;
}

export class Process implements Doer {
  readonly name: string;
  readonly #timeline: Timeline;
  readonly #offsetMs: number;
  readonly #rate: number;
  readonly #endings = new Set<() => void>();
  #isAlive = true;
  #postponed: (() => void)[] | undefined;

  constructor({ name, timeline, offsetMs, rate }: ProcessOptions) {
    this.name = name;
    this.#timeline = timeline;
    this.#offsetMs = offsetMs;
    this.#rate = rate;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isStopped(): boolean {
    return this.#postponed !== undefined;
  }

  get rate(): number {
    return this.#rate;
  }

  get postpone(): ((happening: () => void) => void) | undefined {
    const postponed = this.#postponed;
    return postponed && ((happening) => void postponed.push(happening));
  }

  /** Own monotonic clock, milliseconds. */
  readonly now = (): number => this.#offsetMs + this.#timeline.now * this.#rate;

  /** After so many milliseconds of its own clock. */
  readonly after: After = (ms, act) => this.#timeline.after(ms / this.#rate, 'timer', act, this);

  /** As a work queue wants it. */
  readonly schedule = (callback: () => void, delayMs: number): (() => void) => {
    const timer = this.after(delayMs, callback);
    return () => timer[Symbol.dispose]();
  };

  /** Something done elsewhere (disk, network) that this process learns of after so many milliseconds of the world. */
  happens(ms: number, name: string, act: () => void): Disposable {
    return this.#timeline.after(ms, name, act, this);
  }

  /** Resolves after so many milliseconds of the world; never when the process has ended. */
  takes(ms: number, name: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.happens(ms, name, resolve);
    return promise;
  }

  onEnd(listener: () => void): () => void {
    this.#endings.add(listener);
    return () => void this.#endings.delete(listener);
  }

  stop(): void {
    this.#postponed ??= [];
  }

  /** What came meanwhile happens now, in its order. */
  goOn(): void {
    const postponed = this.#postponed ?? [];
    this.#postponed = undefined;
    for (const act of postponed) this.#timeline.after(0, 'late', act, this);
  }

  end(): void {
    this.#isAlive = false;
    for (const listener of this.#endings) listener();
    this.#endings.clear();
  }
}
