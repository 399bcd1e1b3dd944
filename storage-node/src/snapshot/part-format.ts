/**
 * What is inside of a part. All numbers little-endian.
 *
 *   u8 1 (rows), then rows as the engine packs them (`documents/packed-rows.ts`), without the replica id in their keys
 *   u8 2 (a piece of a file): u16 name bytes, name, u64 offset, u64 size of the whole file, the bytes from the offset on
 *
 * A family is its place in the list that the source tells at the beginning. Keys of one replica fit another one, since every replica has
 * a prefix of its own.
 */
import type { ColumnFamily } from '@vectorcluster/engine/documents/documents.ts';
import { rowHeaderBytes } from '@vectorcluster/engine/documents/packed-rows.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';

export const formatVersion = 1;
/** A part ends before the row that would make it larger. */
export const partBytes = 4 * 1024 * 1024;
/** Small snapshots are the most, and shall not take the memory of large ones: that of some dozens makes the collector look through all. */
const partBytesMin = 64 * 1024;
/** Or this long: rows of a part are looked at in one go. */
export const rowsPerPart = 16_384;
/** A part of one row, the largest that there may be. */
export const partBytesMax = 192 * 1024 * 1024;
export const partKinds = { rows: 1, file: 2 } as const;
const fileHeaderBytes = 19;
/** With the longest name that any file may have. */
export const fileHeaderBytesMax = 64;
/** The only files of a replica that travel: saved segments. */
const fileName = /^\d{1,5}-\d{1,7}\.segment$/;

export interface SnapshotRow {
  readonly family: ColumnFamily;
  /** Behind the replica id. */
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface FilePiece {
  readonly kind: 'file';
  readonly name: string;
  readonly offset: number;
  /** Of the whole file. */
  readonly size: number;
  readonly bytes: Buffer;
}

export type SnapshotPart = { readonly kind: 'rows'; readonly rows: readonly SnapshotRow[] } | FilePiece;

/** What a part amounts to. */
export type PartOutline = { readonly kind: 'rows'; readonly rows: ReadonlyMap<ColumnFamily, number> } | FilePiece;

/** For a snapshot of about so many bytes. */
export function partBytesFor(approximateBytes: number): number {
  return Math.min(partBytes, Math.max(partBytesMin, Math.ceil(approximateBytes)));
}

export function isSnapshotFile(name: string): boolean {
  return fileName.test(name);
}

export function encodeFileHeader({ name, offset, size }: Omit<FilePiece, 'kind' | 'bytes'>): Buffer<ArrayBuffer> {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(fileHeaderBytes + nameBytes.length);
  header.writeUInt8(partKinds.file, 0);
  header.writeUInt16LE(nameBytes.length, 1);
  nameBytes.copy(header, 3);
  header.writeBigUInt64LE(BigInt(offset), 3 + nameBytes.length);
  header.writeBigUInt64LE(BigInt(size), 11 + nameBytes.length);
  return header;
}

/** Rows and bytes are views of `body`. Throws SnapshotRefusedError for what no source of ours writes. */
export function decodePart(body: Buffer, families: readonly ColumnFamily[]): SnapshotPart {
  return kindOf(body) === 'rows' ? { kind: 'rows', rows: decodeRows(body, families) } : decodeFilePiece(body);
}

/** Looks at every row as `decodePart` does, and throws what it throws. */
export function outlinePart(body: Buffer, families: readonly ColumnFamily[]): PartOutline {
  return kindOf(body) === 'rows' ? { kind: 'rows', rows: countRows(body, families) } : decodeFilePiece(body);
}

function kindOf([kind]: Buffer): SnapshotPart['kind'] {
  if (kind === partKinds.rows) return 'rows';
  if (kind === partKinds.file) return 'file';
  throw new SnapshotRefusedError('content', `a part is of kind ${kind ?? 'none'}, which is not known`);
}

/** One after the other, so that a part may be looked through without an object for each row. */
function forEachRow(
  body: Buffer,
  families: readonly ColumnFamily[],
  visit: (family: ColumnFamily, keyAt: number, valueAt: number, end: number) => void,
): void {
  for (let at = 1; at < body.length;) {
    if (at + rowHeaderBytes > body.length) throw new SnapshotRefusedError('size', 'a row is cut short');
    const number = body.readUInt8(at);
    const family = families[number];
    if (family === undefined) throw new SnapshotRefusedError('content', `a row is of family ${number}, of which the source told nothing`);
    const keyAt = at + rowHeaderBytes;
    const valueAt = keyAt + body.readUInt16LE(at + 1);
    const end = valueAt + body.readUInt32LE(at + 3);
    if (end > body.length) throw new SnapshotRefusedError('size', 'a row is cut short');
    visit(family, keyAt, valueAt, end);
    at = end;
  }
}

function decodeRows(body: Buffer, families: readonly ColumnFamily[]): readonly SnapshotRow[] {
  const rows: SnapshotRow[] = [];
  forEachRow(body, families, (family, keyAt, valueAt, end) => {
    rows.push({ family, key: body.subarray(keyAt, valueAt), value: body.subarray(valueAt, end) });
  });
  return rows;
}

function countRows(body: Buffer, families: readonly ColumnFamily[]): ReadonlyMap<ColumnFamily, number> {
  const rows = new Map<ColumnFamily, number>();
  forEachRow(body, families, (family) => rows.set(family, (rows.get(family) ?? 0) + 1));
  return rows;
}

function decodeFilePiece(body: Buffer): FilePiece {
  const nameBytes = body.length < fileHeaderBytes ? Infinity : body.readUInt16LE(1);
  if (fileHeaderBytes + nameBytes > body.length) throw new SnapshotRefusedError('size', 'a piece of a file is cut short');
  const name = body.toString('utf8', 3, 3 + nameBytes);
  if (!isSnapshotFile(name)) throw new SnapshotRefusedError('file-name', `${JSON.stringify(name.slice(0, 100))} is no file of a replica`);
  const offset = body.readBigUInt64LE(3 + nameBytes);
  const size = body.readBigUInt64LE(11 + nameBytes);
  const bytes = body.subarray(fileHeaderBytes + nameBytes);
  if (size > Number.MAX_SAFE_INTEGER || offset + BigInt(bytes.length) > size) {
    throw new SnapshotRefusedError('size', `a piece of ${name} reaches beyond its end`);
  }
  return { kind: 'file', name, offset: Number(offset), size: Number(size), bytes };
}
