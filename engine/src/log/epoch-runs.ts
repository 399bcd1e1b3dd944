import type { EpochRun } from './log.ts';

interface Run {
  readonly epoch: bigint | undefined;
  readonly first: number;
}

/**
 * Which epoch wrote which of one replica's entries: as many runs as there were changes, however many entries. Entries of which only the
 * extent is known have no epoch yet; replay fills them in by their copies, in any order.
 */
export class EpochRuns {
  #runs: Run[] = [];
  #last: number;

  /** Knows entries `first` to `last` without their epochs. */
  constructor(first: number, last: number) {
    this.#last = last;
    if (last >= first) this.#runs.push({ epoch: undefined, first });
  }

  get list(): readonly EpochRun[] {
    return this.#runs.flatMap(({ epoch, first }) => (epoch === undefined ? [] : { epoch, first: BigInt(first) }));
  }

  push(sequence: number, epoch: bigint): void {
    if (this.#runs.at(-1)?.epoch !== epoch) this.#runs.push({ epoch, first: sequence });
    this.#last = sequence;
  }

  /** Says the epoch of an entry that is there. */
  set(sequence: number, epoch: bigint): void {
    const at = this.#runs.findLastIndex(({ first }) => first <= sequence);
    const run = this.#runs[at];
    if (run === undefined || run.epoch === epoch) return;
    const next = this.#runs[at + 1]?.first ?? this.#last + 1;
    const parts = [run, { epoch, first: sequence }, { epoch: run.epoch, first: sequence + 1 }];
    const ends = [sequence, sequence + 1, next];
    const split = parts.filter(({ first }, index) => first < (ends[index] ?? next));
    this.#runs = merged([...this.#runs.slice(0, at), ...split, ...this.#runs.slice(at + 1)]);
  }

  releaseUpTo(sequence: number): void {
    const first = Math.min(sequence, this.#last) + 1;
    const at = this.#runs.findLastIndex((run) => run.first <= first);
    const run = this.#runs[at];
    if (run === undefined || (at === 0 && run.first === first)) return;
    this.#runs = first > this.#last ? [] : [{ epoch: run.epoch, first }, ...this.#runs.slice(at + 1)];
  }

  truncateFrom(sequence: number): void {
    if (sequence > this.#last) return;
    this.#last = sequence - 1;
    this.#runs = this.#runs.filter(({ first }) => first < sequence);
  }
}

function merged(runs: readonly Run[]): Run[] {
  return runs.filter(({ epoch }, index) => index === 0 || runs[index - 1]?.epoch !== epoch);
}
