/** Rows for points that are about to be logged. They follow from the log, so each epoch goes on where its own log ends. */
import { InsufficientStorageError } from '../errors.ts';

/** Rows are 32-bit numbers. */
const rowsMax = 2 ** 32;

export class RowNumbers {
  readonly #applied: { readonly nextRow: number };
  #epoch = 0n;
  #next = 0;

  /** `nextRow` is the first that no applied entry has taken. */
  constructor(applied: { readonly nextRow: number }) {
    this.#applied = applied;
  }

  /** In a new epoch everything inherited is applied before the first row is taken. */
  take(epoch: bigint): number {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#next = this.#applied.nextRow;
    }
    if (this.#next >= rowsMax) throw new InsufficientStorageError('the shard has used all its row numbers: copy the collection');
    return this.#next++;
  }
}
