import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { LogEntry } from './log.ts';

/**
 * A record is `length u32, crc u32, body`, little-endian; the crc covers the body, whose first byte is the kind.
 * The checksum is crc32 and not crc32c: Node brings it, at the speed of a native crc32c, and it finds the same errors.
 */
export type LogRecord =
  | EntryRecord
  /** `copied`: a live entry written once more at the end of the log, so that the file it came from can go. */
  | (Omit<EntryRecord, 'kind'> & { readonly kind: 'copied' })
  /** A replica's log begins: its next entry is `sequence`. */
  | { readonly kind: 'begin'; readonly replica: string; readonly sequence: number; readonly change: number }
  | { readonly kind: 'truncate'; readonly replica: string; readonly sequence: number; readonly change: number }
  | { readonly kind: 'drop'; readonly replica: string }
  /** Of this replica nothing may be served any more; it can only be dropped. */
  | { readonly kind: 'damaged'; readonly replica: string }
  | { readonly kind: 'release'; readonly replica: string; readonly upTo: number }
  /** What every replica holds at this point of the log; the first record of each segment, and now and then one in between. */
  | { readonly kind: 'extents'; readonly extents: readonly ReplicaExtent[] };

export interface EntryRecord {
  readonly kind: 'entry';
  readonly replica: string;
  readonly sequence: number;
  readonly epoch: bigint;
  readonly requestId: string;
  readonly operation: Uint8Array;
  /** One more than that of the replica's begin, entry or truncation before it: shows whether a record in between was lost. */
  readonly change: number;
}

/** All numbers are 0 for a damaged replica. */
export interface ReplicaExtent {
  readonly replica: string;
  readonly first: number;
  readonly last: number;
  /** Of the replica's latest begin, entry or truncation. */
  readonly change: number;
  readonly damaged: boolean;
}

export const recordHeaderBytes = 8;
/** One record may not be larger; bounds what a damaged length can make us read. */
export const maxRecordBytes = 256 * 1024 * 1024;
const maxRequestIdBytes = 128;
const replicaBytes = 16;
const entryFixedBytes = 1 + replicaBytes + 8 + 8 + 8 + 1;
const extentBytes = replicaBytes + 8 + 8 + 8 + 1;
const kinds = { entry: 1, copied: 2, truncate: 3, drop: 4, release: 5, extents: 6, begin: 7, damaged: 8 } as const;

export function assertWritable(entry: LogEntry): void {
  assertReplica(entry.replica);
  assert(entry.epoch >= 0n && entry.epoch < 1n << 64n, 'an epoch is an unsigned 64-bit number');
  assert(entry.sequence >= 1n && entry.sequence <= BigInt(Number.MAX_SAFE_INTEGER), 'a sequence lies between 1 and 2^53 - 1');
  assert(Buffer.byteLength(entry.requestId) <= maxRequestIdBytes, `a request id has at most ${maxRequestIdBytes} bytes`);
  assert(entry.operation.byteLength <= maxRecordBytes - entryFixedBytes - maxRequestIdBytes, 'an operation is larger than a record may be');
}

export function assertReplica(replica: string): void {
  assert(/^[0-9a-f]{32}$/.test(replica), 'a replica id is 32 lower-case hexadecimal digits');
}

export function recordFrom(entry: LogEntry, change: number): EntryRecord {
  const { replica, epoch, requestId, operation } = entry;
  return { kind: 'entry', replica, sequence: Number(entry.sequence), epoch, requestId, operation, change };
}

/** Bytes of the record with its header. */
export function recordBytes(record: LogRecord): number {
  return recordHeaderBytes + bodyBytes(record);
}

function bodyBytes(record: LogRecord): number {
  switch (record.kind) {
    case 'entry':
    case 'copied':
      return entryFixedBytes + Buffer.byteLength(record.requestId) + record.operation.byteLength;
    case 'begin':
    case 'truncate':
      return 1 + replicaBytes + 8 + 8;
    case 'release':
      return 1 + replicaBytes + 8;
    case 'drop':
    case 'damaged':
      return 1 + replicaBytes;
    case 'extents':
      return 1 + 4 + record.extents.length * extentBytes;
  }
}

/** Writes the record at `at` and returns where it ends. */
export function writeRecord(target: Buffer, at: number, record: LogRecord): number {
  const start = at + recordHeaderBytes;
  const end = writeBody(target, start, record);
  target.writeUInt32LE(end - start, at);
  target.writeUInt32LE(crc32(target.subarray(start, end)), at + 4);
  return end;
}

function writeBody(target: Buffer, start: number, record: LogRecord): number {
  let at = target.writeUInt8(kinds[record.kind], start);
  if (record.kind === 'extents') {
    at = target.writeUInt32LE(record.extents.length, at);
    for (const { replica, first, last, change, damaged } of record.extents) {
      at += target.write(replica, at, 'hex');
      at = writeSequence(target, at, first);
      at = writeSequence(target, at, last);
      at = writeSequence(target, at, change);
      at = target.writeUInt8(damaged ? 1 : 0, at);
    }
    return at;
  }
  at += target.write(record.replica, at, 'hex');
  switch (record.kind) {
    case 'drop':
    case 'damaged':
      return at;
    case 'begin':
    case 'truncate':
      return writeSequence(target, writeSequence(target, at, record.sequence), record.change);
    case 'release':
      return writeSequence(target, at, record.upTo);
    case 'entry':
    case 'copied':
      at = target.writeBigUInt64LE(record.epoch, at);
      at = writeSequence(target, at, record.sequence);
      at = writeSequence(target, at, record.change);
      const length = target.write(record.requestId, at + 1);
      target.writeUInt8(length, at);
      at += 1 + length;
      target.set(record.operation, at);
      return at + record.operation.byteLength;
  }
}

/** The record at `at`, or why there is none: `source` holds at least the record when it is whole. */
export function readRecord(source: Buffer, at: number): { readonly record: LogRecord; readonly end: number } | string {
  if (at + recordHeaderBytes > source.length) return 'a record ends early';
  const length = source.readUInt32LE(at);
  const start = at + recordHeaderBytes;
  const end = start + length;
  if (length === 0 || length > maxRecordBytes || end > source.length) return `a record claims ${length} bytes`;
  const body = source.subarray(start, end);
  if (crc32(body) !== source.readUInt32LE(at + 4)) return 'the checksum of a record does not match';
  const record = readBody(body);
  return record === undefined ? 'a record of an unknown kind or shape' : { record, end };
}

function readBody(body: Buffer): LogRecord | undefined {
  const kind = body.readUInt8(0);
  if (kind === kinds.extents) return readExtents(body);
  if (body.length < 1 + replicaBytes) return undefined;
  const replica = body.toString('hex', 1, 1 + replicaBytes);
  if (kind === kinds.drop) return { kind: 'drop', replica };
  if (kind === kinds.damaged) return { kind: 'damaged', replica };
  if (body.length < 1 + replicaBytes + 8) return undefined;
  const number = readSequence(body, 1 + replicaBytes);
  if (kind === kinds.release) return { kind: 'release', replica, upTo: number };
  if (body.length < 1 + replicaBytes + 16) return undefined;
  const second = readSequence(body, 1 + replicaBytes + 8);
  if (kind === kinds.begin) return { kind: 'begin', replica, sequence: number, change: second };
  if (kind === kinds.truncate) return { kind: 'truncate', replica, sequence: number, change: second };
  if ((kind !== kinds.entry && kind !== kinds.copied) || body.length < entryFixedBytes) return undefined;
  const epoch = body.readBigUInt64LE(1 + replicaBytes);
  const change = readSequence(body, 1 + replicaBytes + 16);
  const operationAt = entryFixedBytes + body.readUInt8(entryFixedBytes - 1);
  if (operationAt > body.length) return undefined;
  const requestId = body.toString('utf8', entryFixedBytes, operationAt);
  const operation = body.subarray(operationAt);
  return { kind: kind === kinds.entry ? 'entry' : 'copied', replica, epoch, sequence: second, change, requestId, operation };
}

function readExtents(body: Buffer): LogRecord | undefined {
  if (body.length < 5) return undefined;
  const count = body.readUInt32LE(1);
  if (body.length !== 5 + count * extentBytes) return undefined;
  const extents = Array.from({ length: count }, (_, index): ReplicaExtent => {
    const at = 5 + index * extentBytes;
    const numbers = at + replicaBytes;
    return {
      replica: body.toString('hex', at, numbers),
      first: readSequence(body, numbers),
      last: readSequence(body, numbers + 8),
      change: readSequence(body, numbers + 16),
      damaged: body.readUInt8(numbers + 24) === 1,
    };
  });
  return { kind: 'extents', extents };
}

function writeSequence(target: Buffer, at: number, sequence: number): number {
  target.writeUInt32LE(sequence % 2 ** 32, at);
  return target.writeUInt32LE(Math.floor(sequence / 2 ** 32), at + 4);
}

function readSequence(source: Buffer, at: number): number {
  return source.readUInt32LE(at) + source.readUInt32LE(at + 4) * 2 ** 32;
}
