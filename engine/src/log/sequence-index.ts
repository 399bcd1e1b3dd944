import assert from 'node:assert/strict';

/** Where one record lies. `offset` and `length` are bytes, the record's own header included. */
export interface Location {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

const fields = 3;

/** The places of one replica's entries `first` to `last`, 12 bytes each. Segment 0 stands for a place that is not known (yet). */
export class SequenceIndex {
  #first: number;
  #last: number;
  /** Places of the sequences from `#first` on begin at `#start`. */
  #start = 0;
  #places: Uint32Array;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
    this.#places = new Uint32Array(Math.max(16, last - first + 1) * fields);
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  at(sequence: number): Location {
    assert(sequence >= this.#first && sequence <= this.#last, 'the sequence is not in the index');
    const at = this.#position(sequence);
    const places = this.#places;
    return { segment: places[at] ?? 0, offset: places[at + 1] ?? 0, length: places[at + 2] ?? 0 };
  }

  push(location: Location): void {
    const at = this.#position(this.#last + 1);
    if (at + fields > this.#places.length) this.#makeRoom();
    this.#last += 1;
    this.set(this.#last, location);
  }

  set(sequence: number, location: Location): void {
    assert(sequence >= this.#first && sequence <= this.#last, 'the sequence is not in the index');
    this.#places.set([location.segment, location.offset, location.length], this.#position(sequence));
  }

  /** Forgets up to `sequence`; never beyond `last`. */
  releaseUpTo(sequence: number): void {
    const first = Math.min(sequence, this.#last) + 1;
    if (first <= this.#first) return;
    this.#start += (first - this.#first) * fields;
    this.#first = first;
  }

  /** Forgets from `sequence` on. Below `first` it leaves an empty index whose next sequence is `sequence`. */
  truncateFrom(sequence: number): void {
    if (sequence > this.#last) return;
    this.#last = sequence - 1;
    if (sequence < this.#first) this.#first = sequence;
  }

  /** A copy of the index from `sequence` on, which later changes do not move. */
  sliceFrom(sequence: number): SequenceIndex {
    const slice = new SequenceIndex(sequence, this.#last);
    slice.#places.set(this.#places.subarray(this.#position(sequence), this.#position(this.#last + 1)));
    return slice;
  }

  #position(sequence: number): number {
    return this.#start + (sequence - this.#first) * fields;
  }

  #makeRoom(): void {
    const live = this.#places.subarray(this.#start, this.#position(this.#last + 1));
    const places = new Uint32Array(Math.max(16 * fields, live.length * 2));
    places.set(live);
    this.#places = places;
    this.#start = 0;
  }
}
