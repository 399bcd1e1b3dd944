/** Who reads at the moment, so that what they may still look at goes only when they have left. */
export class Readers {
  readonly #inside = new Set<symbol>();
  #departures: { readonly before: Set<symbol>; readonly act: () => void }[] = [];

  enter(): Disposable {
    const reader = Symbol('reader');
    this.#inside.add(reader);
    return { [Symbol.dispose]: () => this.#leave(reader) };
  }

  /** Acts once all who are inside now have left; at once when nobody is. */
  afterThese(act: () => void): void {
    if (this.#inside.size === 0) act();
    else this.#departures.push({ before: new Set(this.#inside), act });
  }

  /** Resolves once all who are inside now have left. */
  untilTheseLeft(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.afterThese(resolve);
    return promise;
  }

  #leave(reader: symbol): void {
    this.#inside.delete(reader);
    if (this.#departures.length === 0) return;
    for (const { before } of this.#departures) before.delete(reader);
    const due = this.#departures.filter(({ before }) => before.size === 0);
    this.#departures = this.#departures.filter(({ before }) => before.size > 0);
    for (const { act } of due) act();
  }
}
