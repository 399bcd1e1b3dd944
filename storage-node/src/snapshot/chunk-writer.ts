/** Gathers what a part holds into buffers of one size, ready to be sent, and hashes them on the way. */
import { createHash } from 'node:crypto';
import { rowHeaderBytes, writeRowHeader } from './part-format.ts';

/** One message. Small enough that nothing else waits long behind it. */
export const chunkBytes = 256 * 1024;

export class ChunkWriter {
  readonly #hash = createHash('sha256');
  #open: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #filled = 0;
  #ready: Buffer<ArrayBuffer>[] = [];
  #bytes = 0;

  /** Of all that was written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `prefix` bytes of the key are left out. */
  row(family: number, key: Buffer, prefix: number, value: Buffer): void {
    const keyBytes = key.length - prefix;
    this.#makeRoom(rowHeaderBytes + keyBytes);
    writeRowHeader(this.#open, this.#filled, { family, keyBytes, valueBytes: value.length });
    key.copy(this.#open, this.#filled + rowHeaderBytes, prefix);
    this.#advance(rowHeaderBytes + keyBytes);
    this.write(value);
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      this.#makeRoom(1);
      const copied = bytes.copy(this.#open, this.#filled, at);
      this.#advance(copied);
      at += copied;
    }
  }

  /** Becomes a chunk as it is, and must not be changed any more. */
  whole(bytes: Buffer<ArrayBuffer>): void {
    this.#close();
    this.#open = bytes;
    this.#filled = bytes.length;
    this.#bytes += bytes.length;
    this.#close();
  }

  /** Full buffers, each given once. */
  *takeReady(): Generator<Buffer<ArrayBuffer>> {
    const ready = this.#ready;
    this.#ready = [];
    yield* ready;
  }

  /** Nothing can be written any more. */
  finish(): Buffer<ArrayBuffer> {
    this.#close();
    return this.#hash.digest();
  }

  /** Room for `bytes` in one piece; they are less than a chunk. */
  #makeRoom(bytes: number): void {
    if (this.#filled + bytes <= this.#open.length) return;
    this.#close();
    this.#open = Buffer.allocUnsafeSlow(chunkBytes);
  }

  #advance(bytes: number): void {
    this.#filled += bytes;
    this.#bytes += bytes;
  }

  #close(): void {
    if (this.#filled === 0) return;
    const full = this.#open.subarray(0, this.#filled);
    this.#hash.update(full);
    this.#ready.push(full);
    this.#open = Buffer.alloc(0);
    this.#filled = 0;
  }
}
