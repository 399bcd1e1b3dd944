/** What one key was, and when. */
interface Version {
  readonly sequence: bigint;
  /** Undefined: not there. */
  readonly value: string | undefined;
}

const forEver = 1n << 62n;

export class KeyHistory {
  readonly #versions: Version[] = [];
  /** Of each value, where it is among the versions: nearly every one is there once, and histories are long. */
  readonly #places = new Map<string | undefined, number[]>();

  /** From `sequence` on; sequences only grow. The last of one entry counts. */
  put(sequence: bigint, value: string | undefined): void {
    const last = this.#versions.at(-1);
    if (last?.sequence === sequence) {
      this.#versions.pop();
      this.#places.get(last.value)?.pop();
    }
    const places = this.#places.get(value);
    if (places === undefined) this.#places.set(value, [this.#versions.length]);
    else places.push(this.#versions.length);
    this.#versions.push({ sequence, value });
  }

  /** The sequences at which it was so, as ranges with both ends; the last has none. */
  *when(value: string | undefined): Generator<readonly [bigint, bigint]> {
    if (value === undefined) yield [0n, this.#endOf(-1)];
    for (const place of this.#places.get(value) ?? []) yield [this.#versions[place]?.sequence ?? 0n, this.#endOf(place)];
  }

  #endOf(place: number): bigint {
    return (this.#versions[place + 1]?.sequence ?? forEver) - 1n;
  }
}
