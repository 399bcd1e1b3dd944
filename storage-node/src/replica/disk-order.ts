/** The order in which a replica's disk sees things: log writes go together, an epoch or a snapshot goes alone. */
export class DiskOrder {
  #barrier: Promise<void> | undefined;
  #durable: Promise<void> = Promise.resolve();
  readonly #now: () => number;
  /** When each write under way began, in that order. */
  readonly #pending = new Map<Promise<void>, number>();
  readonly #onFailure: (error: unknown) => void;

  /** A write that failed is fatal: what is on the disk is not known then. */
  constructor(onFailure: (error: unknown) => void, now: () => number) {
    this.#onFailure = onFailure;
    this.#now = now;
  }

  /** Own clock: when the oldest write that is not durable yet began; undefined when there is none. */
  get pendingSince(): number | undefined {
    return this.#pending.values().next().value;
  }

  /** Begins at once, unless something goes alone. Writes begin in the order of the calls. */
  write(begin: () => Promise<void>): Promise<void> {
    const done = this.#barrier === undefined ? begin() : this.#barrier.then(begin);
    this.#follow(done);
    return done;
  }

  /** Begins when everything before is durable; what comes later waits. */
  alone(work: () => Promise<void>): Promise<void> {
    const done = this.#durable.then(work);
    this.#barrier = done;
    this.#follow(done);
    void this.#liftAfter(done);
    return done;
  }

  /** Resolves when everything up to now is durable; never when a write failed. */
  whenDurable(): Promise<void> {
    return this.#durable;
  }

  async #both(done: Promise<void>, before: Promise<void>): Promise<void> {
    await done;
    this.#pending.delete(done);
    await before;
  }

  async #liftAfter(done: Promise<void>): Promise<void> {
    await done.catch(alreadyTold);
    if (this.#barrier === done) this.#barrier = undefined;
  }

  #follow(done: Promise<void>): void {
    const before = this.#durable;
    this.#pending.set(done, this.#now());
    this.#durable = this.#both(done, before);
    this.#durable.catch((error: unknown) => this.#onFailure(error));
  }
}

/** By #follow. */
function alreadyTold(): void {}
