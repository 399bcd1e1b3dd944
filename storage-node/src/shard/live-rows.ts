/**
 * Which rows hold the current version of a point; one bit a row, in the layout of SlotBitset, one bitset per segment. A copy shares the
 * bitsets until one side changes them, so that a reader can keep the rows of one moment for next to nothing.
 */
export const rowsPerSegment = 65_536;
const wordsPerSegment = rowsPerSegment / 32;

interface SegmentRows {
  readonly bits: Uint32Array;
  count: number;
  /** Held by another LiveRows as well: to be copied before a change. */
  shared: boolean;
}

const none: Readonly<SegmentRows> = { bits: new Uint32Array(), count: 0, shared: true };

export class LiveRows {
  readonly #segments = new Map<number, SegmentRows>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(row: number): boolean {
    const slot = row % rowsPerSegment;
    const word = this.segment(Math.floor(row / rowsPerSegment)).bits[slot >>> 5] ?? 0;
    return ((word >>> (slot & 31)) & 1) === 1;
  }

  add(row: number): void {
    if (!this.has(row)) this.#flip(row, 1);
  }

  remove(row: number): void {
    if (this.has(row)) this.#flip(row, -1);
  }

  /** Rows of one segment as a bitset of its slots. */
  segment(index: number): { readonly bits: Uint32Array; readonly count: number } {
    return this.#segments.get(index) ?? none;
  }

  /** Ascending. */
  *rows(): Generator<number> {
    for (const index of [...this.#segments.keys()].toSorted((a, b) => a - b)) {
      for (const [at, word] of this.segment(index).bits.entries()) {
        for (let rest = word; rest !== 0; rest &= rest - 1) yield index * rowsPerSegment + at * 32 + 31 - Math.clz32(rest & -rest);
      }
    }
  }

  copy(): LiveRows {
    const copy = new LiveRows();
    for (const [index, segment] of this.#segments) {
      segment.shared = true;
      copy.#segments.set(index, segment);
    }
    copy.#count = this.#count;
    return copy;
  }

  static of(rows: Iterable<number>): LiveRows {
    const live = new LiveRows();
    for (const row of rows) live.add(row);
    return live;
  }

  #flip(row: number, by: 1 | -1): void {
    const index = Math.floor(row / rowsPerSegment);
    const slot = row % rowsPerSegment;
    const segment = this.#own(index);
    segment.bits[slot >>> 5] = (segment.bits[slot >>> 5] ?? 0) ^ (1 << (slot & 31));
    segment.count += by;
    this.#count += by;
    if (segment.count === 0) this.#segments.delete(index); // rows long dead cost nothing
  }

  #own(index: number): SegmentRows {
    const existing = this.#segments.get(index);
    if (existing && !existing.shared) return existing;
    const own = { bits: existing?.bits.slice() ?? new Uint32Array(wordsPerSegment), count: existing?.count ?? 0, shared: false };
    this.#segments.set(index, own);
    return own;
  }
}
