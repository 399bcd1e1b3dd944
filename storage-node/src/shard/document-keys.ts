/**
 * Keys and values of one replica in the node's database. Every key starts with the 16 bytes of the replica id.
 *
 *   ids      replica, id key                      → row u32
 *   points   replica, row u32 big-endian          → u8 id key bytes, id key, version u64, payload as lossless JSON
 *   vectors  replica, vector number u16 BE, row   → f32 little-endian, of unit length for Cosine
 *   meta     replica, 'applied'                   → applied sequence u64, next row u32
 *            replica, 'names'                     → vector names as JSON, in the order of their numbers
 *            replica, 'dead'                      → rows u32 … whose documents the next round deletes
 *            replica, 'q', sequence u64 BE        → epoch u64, request id of a recent write
 */
import { pointIdKey, type PointId } from '../model/point-id.ts';
import type { KeyRange } from '@vectorcluster/engine/documents/documents.ts';

export const replicaIdBytes = 16;

export class DocumentKeys {
  readonly #prefix: Buffer;

  constructor(replicaId: string) {
    this.#prefix = Buffer.from(replicaId, 'hex');
  }

  id(id: PointId): Buffer {
    return Buffer.concat([this.#prefix, pointIdKey(id)]);
  }

  point(row: number): Buffer {
    const key = Buffer.allocUnsafe(this.#prefix.length + 4);
    this.#prefix.copy(key);
    key.writeUInt32BE(row, this.#prefix.length);
    return key;
  }

  vector(number: number, row: number): Buffer {
    const key = Buffer.allocUnsafe(this.#prefix.length + 6);
    this.#prefix.copy(key);
    key.writeUInt16BE(number, this.#prefix.length);
    key.writeUInt32BE(row, this.#prefix.length + 2);
    return key;
  }

  get applied(): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from('applied')]);
  }

  get vectorNames(): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from('names')]);
  }

  get dead(): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from('dead')]);
  }

  request(sequence: bigint): Buffer {
    const key = Buffer.concat([this.#prefix, Buffer.from('q'), Buffer.alloc(8)]);
    key.writeBigUInt64BE(sequence, this.#prefix.length + 1);
    return key;
  }

  sequenceFromRequest(key: Buffer): bigint {
    return key.readBigUInt64BE(this.#prefix.length + 1);
  }

  /** All keys of the replica in a family. */
  get all(): KeyRange {
    return { from: this.#prefix, to: after(this.#prefix) };
  }

  /** All ids from `first` on. */
  idsFrom(first: PointId | undefined): KeyRange {
    return { from: first === undefined ? this.#prefix : this.id(first), to: after(this.#prefix) };
  }

  get requests(): KeyRange {
    return { from: this.request(0n), to: Buffer.concat([this.#prefix, Buffer.from('r')]) };
  }
}

/** The smallest key above all keys that start with `prefix`: prefix + 1 as a number. */
function after(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  for (let index = next.length - 1; index >= 0; index--) {
    const byte = next[index] ?? 0;
    if (byte < 255) {
      next[index] = byte + 1;
      return next;
    }
    next[index] = 0;
  }
  return Buffer.concat([prefix, Buffer.alloc(32, 255)]);
}
