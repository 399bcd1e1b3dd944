/** Grows a buffer by one field after the other; numbers are little-endian. */
import assert from 'node:assert/strict';

/** Sequences and epochs grow by one: what does not fit is a mistake. */
export const maxCounter = 2n ** 63n - 1n;
export const maxTextBytes = 4_096;

export class FieldWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  u8(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  u64(value: bigint): void {
    assert(value >= 0n && value <= maxCounter, `${value} is no counter`);
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64LE(value, this.#length);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  text(value: string): void {
    const byteLength = Buffer.byteLength(value);
    assert(byteLength <= maxTextBytes, `a text of ${byteLength} bytes is above the limit of ${maxTextBytes}`);
    this.#reserve(2 + byteLength);
    this.#length = this.#buffer.writeUInt16LE(byteLength, this.#length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
