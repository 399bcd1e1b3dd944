import assert from 'node:assert/strict';
import { EpochRuns } from './epoch-runs.ts';
import type { EpochRun } from './log.ts';

/** Where one record lies. `offset` and `length` are bytes, the record's own header included. */
export interface Location {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

const fields = 3;

function locationAt(places: Uint32Array, at: number): Location {
  return { segment: places[at] ?? 0, offset: places[at + 1] ?? 0, length: places[at + 2] ?? 0 };
}

/** Places of entries that follow each other. */
export class Places {
  readonly #places: Uint32Array;

  constructor(places: Uint32Array) {
    this.#places = places;
  }

  get length(): number {
    return this.#places.length / fields;
  }

  at(nth: number): Location {
    return locationAt(this.#places, nth * fields);
  }

  get segments(): ReadonlySet<number> {
    return new Set(this.#places.filter((_, at) => at % fields === 0));
  }
}

/** The places of one replica's entries `first` to `last`, 12 bytes each, and their epochs. Segment 0 stands for a place that is not known (yet). */
export class SequenceIndex {
  readonly #epochs: EpochRuns;
  #first: number;
  #last: number;
  /** Places of the sequences from `#first` on begin at `#start`. */
  #start = 0;
  #places: Uint32Array;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
    this.#epochs = new EpochRuns(first, last);
    this.#places = new Uint32Array(Math.max(16, last - first + 1) * fields);
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  get epochRuns(): readonly EpochRun[] {
    return this.#epochs.list;
  }

  at(sequence: number): Location {
    assert(sequence >= this.#first && sequence <= this.#last, 'the sequence is not in the index');
    return locationAt(this.#places, this.#position(sequence));
  }

  push(location: Location, epoch: bigint): void {
    const at = this.#position(this.#last + 1);
    if (at + fields > this.#places.length) this.#makeRoom();
    this.#last += 1;
    this.#place(this.#last, location);
    this.#epochs.push(this.#last, epoch);
  }

  /** An entry that is in the index lies here now. */
  set(sequence: number, location: Location, epoch: bigint): void {
    assert(sequence >= this.#first && sequence <= this.#last, 'the sequence is not in the index');
    this.#place(sequence, location);
    this.#epochs.set(sequence, epoch);
  }

  /** Forgets up to `sequence`; never beyond `last`. */
  releaseUpTo(sequence: number): void {
    const first = Math.min(sequence, this.#last) + 1;
    if (first <= this.#first) return;
    this.#start += (first - this.#first) * fields;
    this.#first = first;
    this.#epochs.releaseUpTo(sequence);
  }

  /** Forgets from `sequence` on. Below `first` it leaves an empty index whose next sequence is `sequence`. */
  truncateFrom(sequence: number): void {
    if (sequence > this.#last) return;
    this.#last = sequence - 1;
    if (sequence < this.#first) this.#first = sequence;
    this.#epochs.truncateFrom(sequence);
  }

  firstUnplaced(): number | undefined {
    for (let sequence = this.#first; sequence <= this.#last; sequence += 1) {
      if (this.#places[this.#position(sequence)] === 0) return sequence;
    }
    return undefined;
  }

  /** Places of `from` to `to` (both must be there) as they are now; later changes do not move them. */
  places(from: number, to: number): Places {
    if (to < from) return new Places(new Uint32Array());
    assert(from >= this.#first && to <= this.#last, 'the sequence is not in the index');
    return new Places(this.#places.slice(this.#position(from), this.#position(to + 1)));
  }

  #place(sequence: number, location: Location): void {
    this.#places.set([location.segment, location.offset, location.length], this.#position(sequence));
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
