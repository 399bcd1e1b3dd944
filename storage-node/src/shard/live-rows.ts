/** Which rows hold the current version of a point; one bit a row, in the layout of SlotBitset, and counts per segment. */
export const rowsPerSegment = 65_536;
const wordsPerSegment = rowsPerSegment / 32;

export class LiveRows {
  #words = new Uint32Array(wordsPerSegment);
  #perSegment = new Uint32Array(1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(row: number): boolean {
    return (((this.#words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  add(row: number): void {
    this.#reserve(row);
    if (this.has(row)) return;
    this.#words[row >>> 5] = (this.#words[row >>> 5] ?? 0) | (1 << (row & 31));
    this.#change(row, 1);
  }

  remove(row: number): void {
    if (!this.has(row)) return;
    this.#words[row >>> 5] = (this.#words[row >>> 5] ?? 0) & ~(1 << (row & 31));
    this.#change(row, -1);
  }

  /** Live rows of one segment as a bitset of its slots. A view: it changes as rows come and go. */
  segment(index: number): { readonly bits: Uint32Array; readonly count: number } {
    return {
      bits: this.#words.subarray(index * wordsPerSegment, (index + 1) * wordsPerSegment),
      count: this.#perSegment[index] ?? 0,
    };
  }

  /** Ascending. */
  *rows(): Generator<number> {
    for (const [index, word] of this.#words.entries()) {
      for (let rest = word; rest !== 0; rest &= rest - 1) yield index * 32 + 31 - Math.clz32(rest & -rest);
    }
  }

  static of(rows: Iterable<number>): LiveRows {
    const live = new LiveRows();
    for (const row of rows) live.add(row);
    return live;
  }

  #change(row: number, by: 1 | -1): void {
    const segment = Math.floor(row / rowsPerSegment);
    this.#perSegment[segment] = (this.#perSegment[segment] ?? 0) + by;
    this.#count += by;
  }

  #reserve(row: number): void {
    const segments = Math.floor(row / rowsPerSegment) + 1;
    if (segments <= this.#perSegment.length) return;
    const grown = Math.max(segments, this.#perSegment.length * 2);
    const words = new Uint32Array(grown * wordsPerSegment);
    words.set(this.#words);
    const perSegment = new Uint32Array(grown);
    perSegment.set(this.#perSegment);
    this.#words = words;
    this.#perSegment = perSegment;
  }
}
