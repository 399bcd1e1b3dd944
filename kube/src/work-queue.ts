/**
 * Keys to be worked on, each at most once at a time.
 *
 * A key that is added while it waits is the same wait; added while it runs, it runs once more afterwards. So the queue holds at most
 * one entry per key, which bounds it by the number of objects, and a run that starts after an add sees what led to the add.
 * A failed run is tried again after a growing delay; an add in between runs at once. A key that is added again and again is slowed down.
 */
import { backoffDelayMs } from './backoff.ts';
import { TooManyRequestsError } from './errors.ts';
import { KeyPace, type Pace } from './key-pace.ts';
import { noMetrics, type QueueMetrics } from './metrics.ts';

/** A thrown error means exponential backoff of this key. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- workers that never requeue return nothing
export type Result = { readonly requeueAfterMs?: number | undefined } | void;

/** Far more than an object that changes by somebody's will needs. */
const defaultPace: Pace = { burst: 50, intervalMs: 100 };

export type Worker = (key: string, signal: AbortSignal) => Promise<Result>;

export interface WorkQueueOptions {
  readonly concurrency: number;
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Of each key. */
  readonly pace?: Pace;
  /** Name in metrics. */
  readonly name?: string;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Calls back once after the delay; the result cancels it. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
  /** Calls back when the process has looked at sockets and timers. Who brings a `schedule` of his own and leaves this out has none of these. */
  readonly nextTurn?: (callback: () => void) => void;
  readonly onFailure?: (failure: { readonly key: string; readonly error: unknown; readonly retryAfterMs: number }) => void;
  readonly metrics?: QueueMetrics;
}

/**
 * For how long runs are begun before the process looks at sockets and timers again. Runs that find nothing to do would otherwise follow each
 * other without a break: a thousand of them took seconds, in which no Lease was renewed and nobody was heard.
 */
const turnMs = 10;

interface Running {
  readonly worker: Worker;
  readonly signal: AbortSignal;
  readonly idle: PromiseWithResolvers<void>;
}

interface Timer {
  readonly dueAt: number;
  readonly cancel: () => void;
}

export class WorkQueue {
  readonly #concurrency: number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #name: string;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #schedule: (callback: () => void, delayMs: number) => () => void;
  readonly #nextTurn: ((callback: () => void) => void) | undefined;
  readonly #onFailure: NonNullable<WorkQueueOptions['onFailure']>;
  readonly #metrics: QueueMetrics;
  readonly #pace: KeyPace;
  /** Keys due now, oldest first, with the time they became due. */
  readonly #due = new Map<string, number>();
  /** Keys being worked on; true when added again meanwhile. */
  readonly #working = new Map<string, boolean>();
  readonly #later = new Map<string, Timer>();
  readonly #retries = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  #running: Running | undefined;
  #pumping = false;
  /** Since when runs are begun without a look at sockets and timers. */
  #turnBeganAt: number | undefined;

  constructor(options: WorkQueueOptions) {
    if (!(options.concurrency >= 1)) throw new RangeError(`concurrency ${options.concurrency} is less than 1`);
    this.#concurrency = options.concurrency;
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 60_000;
    this.#pace = new KeyPace(options.pace ?? defaultPace);
    this.#name = options.name ?? 'queue';
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#schedule = options.schedule ?? scheduleTimeout;
    this.#nextTurn = options.nextTurn ?? (options.schedule === undefined ? setImmediate : undefined);
    this.#onFailure = options.onFailure ?? (() => {});
    this.#metrics = options.metrics ?? noMetrics;
  }

  /** Due now. */
  add(key: string): void {
    if (this.#working.has(key)) {
      this.#working.set(key, true);
      return;
    }
    if (this.#due.has(key)) return;
    this.#due.set(key, this.#now());
    this.#pump();
  }

  /** Due in `delayMs` at the latest: an earlier time that was asked for before stands. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) this.add(key);
    else this.#setTimer(this.#later, key, delayMs);
  }

  /** Keys due or being worked on; those that wait for a time are not counted. */
  get length(): number {
    return this.#due.size + this.#working.size;
  }

  /** Works until `signal` is aborted and the last worker has returned. */
  async run(worker: Worker, signal: AbortSignal): Promise<void> {
    if (this.#running !== undefined) throw new TypeError('the queue has workers already');
    if (signal.aborted) return;
    const running = { worker, signal, idle: Promise.withResolvers<void>() };
    this.#running = running;
    const stop = (): void => {
      for (const timers of [this.#later, this.#retries]) {
        for (const timer of timers.values()) timer.cancel();
        timers.clear();
      }
      if (this.#working.size === 0) running.idle.resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#pump();
    await running.idle.promise;
    this.#running = undefined;
  }

  /** Starts workers in a microtask: `add` never runs them inside its caller. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      const running = this.#running;
      if (running === undefined || running.signal.aborted) return;
      for (const [key, dueAt] of this.#due) {
        if (this.#working.size >= this.#concurrency || this.#isTurnOver()) return;
        this.#due.delete(key);
        const waitMs = this.#pace.take(key, this.#now());
        if (waitMs > 0) {
          this.#setTimer(this.#later, key, waitMs);
          continue;
        }
        this.#working.set(key, false);
        this.#cancelTimer(this.#retries, key);
        void this.#work(running, key, dueAt);
      }
    });
  }

  /** Then the next turn goes on. */
  #isTurnOver(): boolean {
    if (this.#nextTurn === undefined) return false;
    const now = this.#now();
    if (this.#turnBeganAt === undefined) {
      this.#turnBeganAt = now;
      this.#nextTurn(() => {
        this.#turnBeganAt = undefined;
        this.#pump();
      });
    }
    return now - this.#turnBeganAt >= turnMs;
  }

  async #work(running: Running, key: string, dueAt: number): Promise<void> {
    const startedAt = this.#now();
    this.#metrics.started(this.#name, startedAt - dueAt);
    try {
      const result = await running.worker(key, running.signal);
      this.#failures.delete(key);
      this.#metrics.finished(this.#name, 'done', this.#now() - startedAt);
      if (result?.requeueAfterMs !== undefined && !running.signal.aborted) this.#setTimer(this.#later, key, result.requeueAfterMs);
    } catch (error) {
      this.#metrics.finished(this.#name, 'failed', this.#now() - startedAt);
      if (!running.signal.aborted) this.#retryLater(key, error);
    }
    const again = this.#working.get(key) === true;
    this.#working.delete(key);
    if (again) this.add(key);
    if (running.signal.aborted && this.#working.size === 0) running.idle.resolve();
    this.#pump();
  }

  #retryLater(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const backoff = { baseDelayMs: this.#baseDelayMs, maxDelayMs: this.#maxDelayMs };
    const asked = error instanceof TooManyRequestsError ? error.retryAfterSeconds * 1000 : 0;
    const retryAfterMs = Math.max(asked, backoffDelayMs(backoff, failures, this.#random));
    this.#setTimer(this.#retries, key, retryAfterMs);
    this.#onFailure({ key, error, retryAfterMs });
  }

  #setTimer(timers: Map<string, Timer>, key: string, delayMs: number): void {
    const dueAt = this.#now() + delayMs;
    const set = timers.get(key);
    if (set !== undefined && set.dueAt <= dueAt) return;
    set?.cancel();
    const cancel = this.#schedule(() => {
      timers.delete(key);
      this.add(key);
    }, delayMs);
    timers.set(key, { dueAt, cancel });
  }

  #cancelTimer(timers: Map<string, Timer>, key: string): void {
    timers.get(key)?.cancel();
    timers.delete(key);
  }
}

/** The longest delay that setTimeout takes. A key asked for later than that runs early, which `addAfter` allows. */
const maxTimeoutMs = 2 ** 31 - 1;

function scheduleTimeout(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, Math.min(delayMs, maxTimeoutMs));
  return () => clearTimeout(timer);
}
