/** One point as the family `points` holds it. */
import { pointIdFromKey, pointIdKey, type PointId } from '../model/point-id.ts';

export interface StoredPoint {
  readonly id: PointId;
  /** Sequence of the write that made this version. */
  readonly version: bigint;
  /** Lossless JSON, UTF-8. */
  readonly payload: Buffer;
}

export function encodePoint(point: StoredPoint): Buffer {
  const key = pointIdKey(point.id);
  const head = Buffer.allocUnsafe(1 + key.length + 8);
  head.writeUInt8(key.length, 0);
  key.copy(head, 1);
  head.writeBigUInt64LE(point.version, 1 + key.length);
  return Buffer.concat([head, point.payload]);
}

export function decodePoint(bytes: Buffer): StoredPoint {
  const keyLength = bytes.readUInt8(0);
  return {
    id: pointIdFromKey(bytes.subarray(1, 1 + keyLength)),
    version: bytes.readBigUInt64LE(1 + keyLength),
    payload: bytes.subarray(9 + keyLength),
  };
}
