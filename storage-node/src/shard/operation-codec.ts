/**
 * Resolved operations as bytes in the log. Durable format, version 1; all numbers little-endian:
 *
 *   u8 version, u8 kind (1 upsert, 2 delete, 3 set payload), u32 count
 *   upsert, per point: id, u32 row, u32 payload bytes, payload, u32 vectors, per vector: u32 name bytes, name, u32 dimension, f32 …
 *   delete: ids.   set payload: ids, u32 payload bytes, payload.   id: u8 key bytes, key (point-id.ts)
 */
import { endianness } from 'node:os';
import assert from 'node:assert/strict';
import { pointIdFromKey, pointIdKey, type PointId } from '../model/point-id.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';
import type { ResolvedOperation, ResolvedPoint } from './resolved-operation.ts';

assert(endianness() === 'LE', 'vectors are stored as this machine holds them, which must be little-endian');

const formatVersion = 1;
const kinds = { upsert: 1, delete: 2, 'set-payload': 3 } as const;

export class OperationFormatError extends Error {
  override readonly name = 'OperationFormatError';
}

export function encodeOperation(operation: ResolvedOperation): Buffer {
  const writer = new ByteWriter(1024);
  writer.u8(formatVersion);
  writer.u8(kinds[operation.kind]);
  switch (operation.kind) {
    case 'upsert':
      writer.u32(operation.points.length);
      for (const point of operation.points) writePoint(writer, point);
      break;
    case 'delete':
      writeIds(writer, operation.ids);
      break;
    case 'set-payload':
      writeIds(writer, operation.ids);
      writer.u32(operation.payload.length);
      writer.bytes(operation.payload);
      break;
  }
  return writer.finish();
}

/** Throws OperationFormatError for bytes that no version of ours wrote. */
export function decodeOperation(bytes: Uint8Array): ResolvedOperation {
  const reader = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  try {
    const version = reader.u8();
    if (version !== formatVersion) throw new OperationFormatError(`operation of format ${version}; this version reads ${formatVersion}`);
    const operation = readOperation(reader, reader.u8());
    if (!reader.atEnd) throw new OperationFormatError('bytes are left over after an operation');
    return operation;
  } catch (error) {
    if (error instanceof RangeError) throw new OperationFormatError('an operation is cut short', { cause: error });
    throw error;
  }
}

function readOperation(reader: ByteReader, kind: number): ResolvedOperation {
  switch (kind) {
    case kinds.upsert:
      return { kind: 'upsert', points: times(reader.u32(), () => readPoint(reader)) };
    case kinds.delete:
      return { kind: 'delete', ids: readIds(reader) };
    case kinds['set-payload']:
      return { kind: 'set-payload', ids: readIds(reader), payload: reader.bytes(reader.u32()) };
    default:
      throw new OperationFormatError(`operation of unknown kind ${kind}`);
  }
}

function writePoint(writer: ByteWriter, point: ResolvedPoint): void {
  writeId(writer, point.id);
  writer.u32(point.row);
  writer.u32(point.payload.length);
  writer.bytes(point.payload);
  writer.u32(point.vectors.size);
  for (const [name, vector] of point.vectors) {
    const bytes = Buffer.from(name);
    writer.u32(bytes.length);
    writer.bytes(bytes);
    writer.u32(vector.length);
    writer.bytes(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
  }
}

function readPoint(reader: ByteReader): ResolvedPoint {
  const id = readId(reader);
  const row = reader.u32();
  const payload = reader.bytes(reader.u32());
  const vectors = new Map(
    times(reader.u32(), () => {
      const name = reader.bytes(reader.u32()).toString();
      return [name, vectorFromBytes(reader.bytes(reader.u32() * 4))] as const;
    }),
  );
  return { id, row, payload, vectors };
}

function writeIds(writer: ByteWriter, ids: readonly PointId[]): void {
  writer.u32(ids.length);
  for (const id of ids) writeId(writer, id);
}

function readIds(reader: ByteReader): readonly PointId[] {
  return times(reader.u32(), () => readId(reader));
}

function writeId(writer: ByteWriter, id: PointId): void {
  const key = pointIdKey(id);
  writer.u8(key.length);
  writer.bytes(key);
}

function readId(reader: ByteReader): PointId {
  return pointIdFromKey(reader.bytes(reader.u8()));
}

function times<T>(count: number, read: () => T): readonly T[] {
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}

/** Copies, because the bytes may lie at any address. */
export function vectorFromBytes(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return new Float32Array(copy.buffer);
}
