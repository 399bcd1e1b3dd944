/** How many bytes of durable entries all replicas of a node keep in memory together; the oldest go first. */
export class EntryMemory {
  readonly #bytesMax: number;
  #kept: { readonly bytes: number; readonly forget: () => void }[] = [];
  #first = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  keep(bytes: number, forget: () => void): void {
    this.#kept.push({ bytes, forget });
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#kept[this.#first];
      if (oldest === undefined) return;
      this.#first += 1;
      this.#bytes -= oldest.bytes;
      oldest.forget();
    }
    // The forgotten front is cut off now and then, so that each entry is moved once on average.
    if (this.#first > 1024 && this.#first * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
  }
}
