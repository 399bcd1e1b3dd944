/** Gathers a part from the pieces that come in, in memory that is used again for the next one. */
import { partBytes } from './part-format.ts';

export class PartBody {
  #memory = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view, good until the body is cleared. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  append(piece: Uint8Array): void {
    const end = this.#length + piece.length;
    if (end > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * partBytes, 2 * end));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    this.#memory.set(piece, this.#length);
    this.#length = end;
  }

  clear(): void {
    this.#length = 0;
  }
}
