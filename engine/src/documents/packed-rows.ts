/**
 * Rows one after the other in one piece of memory, for whoever reads many and sends them on. Each row, numbers little-endian:
 *
 *   u8 family by its place in `columnFamilies`, u16 key bytes, u32 value bytes, key without its first bytes, value
 */
import { columnFamilies, type ColumnFamily, type DocumentRow } from './documents.ts';

export interface Packing {
  readonly into: Buffer;
  /** Bytes at the beginning of each key that are left out. */
  readonly omitted: number;
  /** Rows at most. */
  readonly limit: number;
}

export interface PackedRows {
  readonly bytes: number;
  readonly rows: number;
  /** The first row that found no room, and what it takes; undefined when all were packed. */
  readonly next: { readonly key: Buffer; readonly bytes: number } | undefined;
}

export const rowHeaderBytes = 7;

export async function packRows(
  family: ColumnFamily,
  from: AsyncIterable<DocumentRow>,
  { into, omitted, limit }: Packing,
): Promise<PackedRows> {
  let bytes = 0;
  let rows = 0;
  for await (const { key, value } of from) {
    const end = bytes + rowHeaderBytes + key.length - omitted + value.length;
    if (end > into.length || rows === limit) return { bytes, rows, next: { key, bytes: end - bytes } };
    into.writeUInt8(columnFamilies.indexOf(family), bytes);
    into.writeUInt16LE(key.length - omitted, bytes + 1);
    into.writeUInt32LE(value.length, bytes + 3);
    key.copy(into, bytes + rowHeaderBytes, omitted);
    value.copy(into, end - value.length);
    bytes = end;
    rows += 1;
  }
  return { bytes, rows, next: undefined };
}
