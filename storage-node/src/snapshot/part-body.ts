import { fileHeaderBytesMax, partBytes } from './part-format.ts';

/** Of the usual large part. */
const wholeBytes = partBytes + fileHeaderBytesMax;
/**
 * Left by bodies that were released, for the next ones: to take megabytes anew for each snapshot makes the collector look through the whole
 * heap each time.
 */
const kept: Buffer<ArrayBuffer>[] = [];
/** One snapshot at a time needs two. */
const keptMax = 2;

/** The bytes of a part as they come together, in memory that is used again for the next one. */
export class PartBody {
  readonly #expectedBytes: number;
  #memory = Buffer.alloc(0);
  #length = 0;

  /** Parts are not expected to be larger; they may be. */
  constructor(expectedBytes: number) {
    this.#expectedBytes = expectedBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** A view, good until the body is cleared. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  append(piece: Uint8Array): void {
    this.room(piece.length).set(piece);
    this.#length += piece.length;
  }

  /** So many bytes behind those that are there; they are part of the body when `filled` says so. */
  room(bytes: number): Buffer {
    const end = this.#length + bytes;
    if (end > this.#memory.length) {
      const larger = memoryOf(Math.max(this.#expectedBytes, end, 2 * this.#memory.length));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    return this.#memory.subarray(this.#length, end);
  }

  filled(bytes: number): void {
    this.#length += bytes;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Nobody may have a view of its memory any more: another body takes it, or it is gone. */
  release(): void {
    const memory = this.#memory;
    this.#memory = Buffer.alloc(0);
    this.#length = 0;
    if (memory.length === wholeBytes && kept.length < keptMax) kept.push(memory);
    else memory.buffer.transfer(0);
  }
}

function memoryOf(bytes: number): Buffer<ArrayBuffer> {
  return (bytes === wholeBytes ? kept.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes);
}
