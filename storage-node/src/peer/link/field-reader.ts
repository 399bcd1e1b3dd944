/** Reads what FieldWriter wrote. Whatever the bytes are, the answer is a value within its bounds or LinkError 'bad message'. */
import { isUtf8 } from 'node:buffer';
import { maxCounter, maxTextBytes } from './field-writer.ts';
import { LinkError } from './link-error.ts';

export class FieldReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get left(): number {
    return this.#buffer.length - this.#at;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  u64(): bigint {
    const value = this.#buffer.readBigUInt64LE(this.#advance(8));
    if (value > maxCounter) throw bad(`${value} is too large for a counter`);
    return value;
  }

  safeInteger(): number {
    const value = Number(this.u64());
    if (!Number.isSafeInteger(value)) throw bad(`${value} is too large for a number`);
    return value;
  }

  text(): string {
    const byteLength = this.#buffer.readUInt16LE(this.#advance(2));
    if (byteLength > maxTextBytes) throw bad(`a text of ${byteLength} bytes is above the limit of ${maxTextBytes}`);
    const bytes = this.bytes(byteLength);
    if (!isUtf8(bytes)) throw bad('a text is not UTF-8');
    return bytes.toString();
  }

  /** Of items that take at least so many bytes each. */
  count(minItemBytes: number): number {
    const count = this.u32();
    if (count * minItemBytes > this.left) throw bad(`${count} items do not fit in ${this.left} bytes`);
    return count;
  }

  /** A view. */
  bytes(byteLength: number): Buffer {
    const from = this.#advance(byteLength);
    return this.#buffer.subarray(from, from + byteLength);
  }

  #advance(byteLength: number): number {
    const from = this.#at;
    if (byteLength > this.left) throw bad('a message is cut short');
    this.#at = from + byteLength;
    return from;
  }
}

function bad(message: string): LinkError {
  return new LinkError('bad message', message);
}
