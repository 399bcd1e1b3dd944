/** A set of rows; one bit a row, in the layout of SlotBitset, kept by segment, so that rows long dead cost nothing. */
export const rowsPerSegment = 65_536;
const wordsPerSegment = rowsPerSegment / 32;

interface SegmentRows {
  readonly bits: Uint32Array;
  count: number;
}

const none: Readonly<SegmentRows> = { bits: new Uint32Array(), count: 0 };

export class LiveRows {
  readonly #segments = new Map<number, SegmentRows>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(row: number): boolean {
    const segment = this.#segments.get(segmentOf(row));
    return segment !== undefined && ((segment.bits[wordOf(row)] ?? 0) & bitOf(row)) !== 0;
  }

  add(row: number): void {
    if (this.has(row)) return;
    const segment = this.#segments.get(segmentOf(row)) ?? { bits: new Uint32Array(wordsPerSegment), count: 0 };
    this.#segments.set(segmentOf(row), segment);
    segment.bits[wordOf(row)] = (segment.bits[wordOf(row)] ?? 0) | bitOf(row);
    segment.count += 1;
    this.#count += 1;
  }

  remove(row: number): void {
    const segment = this.#segments.get(segmentOf(row));
    if (segment === undefined || !this.has(row)) return;
    segment.bits[wordOf(row)] = (segment.bits[wordOf(row)] ?? 0) & ~bitOf(row);
    segment.count -= 1;
    this.#count -= 1;
    if (segment.count === 0) this.#segments.delete(segmentOf(row));
  }

  /** Rows of one segment as a bitset of its slots. A view: it changes as rows come and go. */
  segment(index: number): Readonly<SegmentRows> {
    return this.#segments.get(index) ?? none;
  }

  /** Ascending. */
  *rows(): Generator<number> {
    for (const index of [...this.#segments.keys()].toSorted((a, b) => a - b)) {
      for (const [word, bits] of this.segment(index).bits.entries()) {
        for (let rest = bits; rest !== 0; rest &= rest - 1) yield index * rowsPerSegment + word * 32 + 31 - Math.clz32(rest & -rest);
      }
    }
  }

  copy(): LiveRows {
    const copy = new LiveRows();
    for (const [index, { bits, count }] of this.#segments) copy.#segments.set(index, { bits: bits.slice(), count });
    copy.#count = this.#count;
    return copy;
  }
}

function segmentOf(row: number): number {
  return Math.floor(row / rowsPerSegment);
}

function wordOf(row: number): number {
  return (row % rowsPerSegment) >>> 5;
}

function bitOf(row: number): number {
  return 1 << (row & 31);
}
