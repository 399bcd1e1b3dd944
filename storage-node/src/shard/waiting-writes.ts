/** Writes of one shard that wait for their round, in order; bounded by number and by bytes. */
import type { AdmittedOperation } from './admission.ts';
import { selectsByFilter } from './resolve-operation.ts';

const waitingMax = 1024;
const waitingBytesMax = 128 * 1024 * 1024;
const roundMax = 256;
/** A round ends with the write that reaches this. */
const roundBytes = 8 * 1024 * 1024;

interface Waiting {
  readonly operation: AdmittedOperation;
  readonly bytes: number;
}

export class WaitingWrites<Write extends Waiting> {
  #writes: Write[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#writes.length === 0;
  }

  /** False when there is no room. A write that finds nothing before it always has room. */
  add(write: Write): boolean {
    if (this.#writes.length >= waitingMax) return false;
    if (!this.isEmpty && this.#bytes + write.bytes > waitingBytesMax) return false;
    this.#writes.push(write);
    this.#bytes += write.bytes;
    return true;
  }

  /** The next round: at least one write; one that selects by filter only as the first. */
  takeRound(): readonly Write[] {
    let end = 0;
    let bytes = 0;
    for (const write of this.#writes) {
      if (end > 0 && (end >= roundMax || bytes >= roundBytes || selectsByFilter(write.operation))) break;
      end += 1;
      bytes += write.bytes;
    }
    this.#bytes -= bytes;
    return this.#writes.splice(0, end);
  }

  takeAll(): readonly Write[] {
    this.#bytes = 0;
    return this.#writes.splice(0);
  }
}
