/**
 * What one request asks of several shards at once: one clock for all of it, since most is answered before that rings, and one end.
 * Disposed of when all is answered.
 */

/** Calls `act` once after so many milliseconds, unless disposed of before. */
export type After = (ms: number, act: () => void) => Disposable;

export interface Cancellable {
  cancel(reason: unknown): void;
}

/** Once the first time is over, what is still under way is looked at this often. */
const laterMs = 100;

export class Wave implements Disposable {
  readonly #request: AbortSignal;
  readonly #after: After;
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Cancellable>();
  readonly #leave = () => this.end(this.#request.reason);
  #bell = Promise.withResolvers<'tick'>();
  #timer: Disposable;

  constructor(request: AbortSignal, after: After, firstMs: number) {
    this.#request = request;
    this.#after = after;
    this.#timer = after(firstMs, () => this.#ring());
    request.addEventListener('abort', this.#leave, { once: true });
    if (request.aborted) this.#leave();
  }

  /** Aborts when the request ends, or when one of its shards has failed for good. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Resolves at the next ring. */
  tick(): Promise<'tick'> {
    return this.#bell.promise;
  }

  began(attempt: Cancellable): void {
    this.#underWay.add(attempt);
  }

  over(attempt: Cancellable): void {
    this.#underWay.delete(attempt);
  }

  end(reason: unknown): void {
    this.#ended.abort(reason);
    for (const attempt of this.#underWay) attempt.cancel(reason);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#request.removeEventListener('abort', this.#leave);
  }

  #ring(): void {
    const { resolve } = this.#bell;
    this.#bell = Promise.withResolvers();
    this.#timer = this.#after(laterMs, () => this.#ring());
    resolve('tick');
  }
}
