/**
 * Reads all documents of a replica, a few at a time, each time as of one moment: the database verifies its own checksums when it reads, and
 * ids, points and vectors must agree with each other.
 */
import assert from 'node:assert/strict';
import { UnreadableDocumentsError } from '@vectorcluster/engine/documents/documents-errors.ts';
import type { ColumnFamily, DocumentReader, Documents } from '@vectorcluster/engine/documents/documents.ts';
import { DocumentKeys, replicaIdBytes } from '../shard/document-keys.ts';
import { decodePoint, type StoredPoint } from '../shard/stored-point.ts';
import { pointIdKey } from '../model/point-id.ts';
import type { ScrubStep } from './finding.ts';
import type { ScrubbedReplica } from './scrub-plan.ts';

const chunkRows = 128;
const families = ['ids', 'points', 'vectors', 'meta'] as const satisfies readonly ColumnFamily[];

interface Stored {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Names what does not agree. */
class DisagreementError extends Error {
  override readonly name = 'DisagreementError';
}

/** Ends at the first damage: the replica is lost by it. */
export async function* checkDocuments(documents: Documents, { shard, replicaId }: ScrubbedReplica): AsyncGenerator<ScrubStep> {
  const check = new DocumentCheck(replicaId);
  for (const family of families) {
    let { from } = check.keys.all;
    const { to } = check.keys.all;
    for (;;) {
      const first = await check.chunk(documents, family, { from, to });
      // Asked again: what is installed or dropped while it is read does not agree, and is whole or gone soon after.
      const { stored, because } = first.because === undefined ? first : await check.chunk(documents, family, { from, to });
      const findings =
        because === undefined ? [] : [{ kind: 'damaged' as const, replicaId, because: `documents of shard ${shard}: ${because}` }];
      yield { bytes: stored.reduce((sum, { key, value }) => sum + key.length + value.length, 0), findings };
      if (because !== undefined) return;
      const last = stored.at(-1);
      if (last === undefined || stored.length < chunkRows) break;
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
  }
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof DisagreementError || error instanceof UnreadableDocumentsError ? error.message : undefined;
}

class DocumentCheck {
  readonly keys: DocumentKeys;
  /** By vector number. */
  readonly #vectorBytes = new Map<number, number>();

  constructor(replicaId: string) {
    this.keys = new DocumentKeys(replicaId);
  }

  /** The next documents of a family as of one moment, and what is wrong with them. */
  async chunk(
    documents: Documents,
    family: ColumnFamily,
    range: { readonly from: Uint8Array; readonly to: Uint8Array },
  ): Promise<{ readonly stored: readonly Stored[]; readonly because: string | undefined }> {
    const stored: Stored[] = [];
    try {
      await using reader = documents.snapshot();
      for await (const each of reader.iterate(family, { ...range, limit: chunkRows })) stored.push(each);
      await this.#agree(family, reader, stored);
      return { stored, because: undefined };
    } catch (error) {
      const because = reasonOf(error);
      if (because === undefined) throw error;
      return { stored, because };
    }
  }

  async #agree(family: ColumnFamily, reader: DocumentReader, stored: readonly Stored[]): Promise<void> {
    switch (family) {
      case 'ids':
        return this.#ids(reader, stored);
      case 'points':
        return this.#points(reader, stored);
      case 'vectors':
        return this.#vectors(reader, stored);
      case 'meta':
        return this.#meta(stored);
    }
  }

  async #ids(reader: DocumentReader, stored: readonly Stored[]): Promise<void> {
    const rows = stored.map(({ value }) => decoded('an id', () => value.readUInt32LE(0)));
    const points = await this.#pointsOf(reader, rows);
    for (const [at, { key }] of stored.entries()) {
      const point = points[at];
      const same = point !== undefined && pointIdKey(point.id).equals(key.subarray(replicaIdBytes));
      if (!same) throw new DisagreementError(`row ${rows[at]}, which an id names, ${point ? 'is of another id' : 'has no point'}`);
    }
  }

  async #points(reader: DocumentReader, stored: readonly Stored[]): Promise<void> {
    const points = stored.map(({ key, value }) => ({ row: key.readUInt32BE(replicaIdBytes), point: readPoint(value) }));
    const found = await reader.get(
      'ids',
      points.map(({ point }) => this.keys.id(point.id)),
    );
    const [dead, applied] = await reader.get('meta', [this.keys.dead, this.keys.applied]);
    const nextRow = applied && decoded('how far the documents are', () => applied.readUInt32LE(8));
    for (const [at, { row, point }] of points.entries()) {
      if (nextRow === undefined || row >= nextRow) throw new DisagreementError(`row ${row} is beyond the last one, ${nextRow ?? 0}`);
      const named = found[at]?.equals(rowBytes(row));
      if (!named && !includes(dead ?? Buffer.alloc(0), row))
        throw new DisagreementError(`row ${row} holds point ${point.id}, whose id names another row`);
    }
  }

  async #vectors(reader: DocumentReader, stored: readonly Stored[]): Promise<void> {
    const points = await this.#pointsOf(
      reader,
      stored.map(({ key }) => key.readUInt32BE(replicaIdBytes + 2)),
    );
    for (const [at, { key, value }] of stored.entries()) {
      const number = key.readUInt16BE(replicaIdBytes);
      const row = key.readUInt32BE(replicaIdBytes + 2);
      const bytes = this.#vectorBytes.get(number) ?? value.length;
      this.#vectorBytes.set(number, bytes);
      if (value.length !== bytes || bytes % 4 !== 0)
        throw new DisagreementError(`vector ${number} of row ${row} has ${value.length} bytes`);
      if (points[at] === undefined) throw new DisagreementError(`row ${row} has a vector and no point`);
    }
  }

  #meta(stored: readonly Stored[]): void {
    for (const { key, value } of stored) {
      if (key.equals(this.keys.vectorNames)) decoded('the names of vectors', () => JSON.parse(value.toString()));
      if (key.equals(this.keys.dead)) decoded('the dead rows', () => assert(value.length % 4 === 0));
      if (key.equals(this.keys.applied)) decoded('how far the documents are', () => [value.readBigUInt64LE(0), value.readUInt32LE(8)]);
    }
  }

  async #pointsOf(reader: DocumentReader, rows: readonly number[]): Promise<readonly (StoredPoint | undefined)[]> {
    const found = await reader.get(
      'points',
      rows.map((row) => this.keys.point(row)),
    );
    return found.map((value) => value && readPoint(value));
  }
}

function rowBytes(row: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(row);
  return bytes;
}

function readPoint(value: Buffer): StoredPoint {
  return decoded('a point', () => {
    const point = decodePoint(value);
    if (point.payload.length > 0) JSON.parse(point.payload.toString());
    return point;
  });
}

function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new DisagreementError(`${what} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function includes(rows: Buffer, row: number): boolean {
  for (let at = 0; at + 4 <= rows.length; at += 4) if (rows.readUInt32LE(at) === row) return true;
  return false;
}
