/** Fields of a message, one after the other, each within its bounds. */
import assert from 'node:assert/strict';
import { ByteWriter } from '../../shard/byte-writer.ts';

/** Sequences and epochs grow by one: what does not fit is a mistake. */
export const maxCounter = 2n ** 63n - 1n;
export const maxTextBytes = 4_096;

export class FieldWriter extends ByteWriter {
  constructor() {
    super(256);
  }

  override u64(value: bigint): void {
    assert(value >= 0n && value <= maxCounter, `${value} is no counter`);
    super.u64(value);
  }

  text(value: string): void {
    const byteLength = Buffer.byteLength(value);
    assert(byteLength <= maxTextBytes, `a text of ${byteLength} bytes is above the limit of ${maxTextBytes}`);
    this.u16(byteLength);
    this.utf8(value, byteLength);
  }
}
