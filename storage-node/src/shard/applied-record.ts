/** How far the documents of a replica are, as one value that is written with every round: u64 sequence, u32 next row, u64 epoch. */
import { origin, type Position } from '../replication/log-shape.ts';

export interface AppliedRecord {
  /** The entry that the documents reflect last. */
  readonly position: Position;
  /** First row that no applied entry has taken. */
  readonly nextRow: number;
}

const recordBytes = 20;

export function encodeApplied({ position, nextRow }: AppliedRecord): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.writeBigUInt64LE(position.sequence, 0);
  bytes.writeUInt32LE(nextRow, 8);
  bytes.writeBigUInt64LE(position.epoch, 12);
  return bytes;
}

/** Of `undefined` for documents to which nothing was ever applied. Throws RangeError for bytes that are cut short. */
export function decodeApplied(bytes: Buffer | undefined): AppliedRecord {
  if (!bytes) return { position: origin, nextRow: 0 };
  return { position: { sequence: bytes.readBigUInt64LE(0), epoch: bytes.readBigUInt64LE(12) }, nextRow: bytes.readUInt32LE(8) };
}
