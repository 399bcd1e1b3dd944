/**
 * What a round of committed operations does to a replica, worked out from the rows and payloads it starts with. Pure but for reading.
 *
 * An id has one live row. An upsert gives it a new one; the old row dies. Setting payload keeps the row, since vectors stay. Documents
 * of rows that die are not deleted here but handed back: readers may still hold those rows.
 */
import type { DocumentReader, DocumentWrite } from '@vectorcluster/engine/documents/documents.ts';
import type { PointId } from '../model/point-id.ts';
import type { NamedVectors } from '../model/point.ts';
import type { DocumentKeys } from './document-keys.ts';
import { mergePayload } from './merge-payload.ts';
import type { CommittedOperation, ResolvedOperation } from './resolved-operation.ts';
import { decodePoint, encodePoint, type StoredPoint } from './stored-point.ts';

export interface AppliedRound {
  readonly writes: readonly DocumentWrite[];
  readonly born: ReadonlyMap<number, NamedVectors>;
  /** Rows whose point was replaced or deleted. */
  readonly died: readonly number[];
  /** Rows that live on with another payload. */
  readonly changed: readonly number[];
  readonly nextRow: number;
}

interface Target {
  readonly id: PointId;
  /** Row at the start of the round. */
  readonly before: number | undefined;
  row: number | undefined;
  point: StoredPoint | undefined;
  vectors?: NamedVectors;
  payloadChanged: boolean;
}

export async function applyRound(
  operations: readonly CommittedOperation[],
  start: {
    readonly reader: DocumentReader;
    readonly keys: DocumentKeys;
    readonly nextRow: number;
    vectorNumber(name: string): number | undefined;
  },
): Promise<AppliedRound> {
  const targets = await readTargets(operations, start.reader, start.keys);
  let { nextRow } = start;
  for (const { operation, sequence } of operations) {
    switch (operation.kind) {
      case 'upsert':
        for (const { id, row, payload, vectors } of operation.points) {
          const target = targetOf(targets, id);
          target.row = row;
          target.point = { id, version: sequence, payload };
          target.vectors = vectors;
          nextRow = Math.max(nextRow, row + 1);
        }
        break;
      case 'delete':
        for (const id of operation.ids) {
          const target = targetOf(targets, id);
          target.row = undefined;
          target.point = undefined;
        }
        break;
      case 'set-payload':
        for (const id of operation.ids) {
          const target = targetOf(targets, id);
          if (!target.point) continue;
          target.point = { id, version: sequence, payload: mergePayload(target.point.payload, operation.payload) };
          target.payloadChanged = true;
        }
        break;
    }
  }
  return { ...outcome(targets.values(), start), nextRow };
}

function outcome(
  targets: Iterable<Target>,
  { keys, vectorNumber }: { readonly keys: DocumentKeys; readonly vectorNumber: (name: string) => number | undefined },
): Omit<AppliedRound, 'nextRow'> {
  const writes: DocumentWrite[] = [];
  const born = new Map<number, NamedVectors>();
  const died: number[] = [];
  const changed: number[] = [];
  for (const { id, before, row, point, vectors, payloadChanged } of targets) {
    if (row !== undefined && point) {
      if (row !== before || payloadChanged) writes.push({ kind: 'put', family: 'points', key: keys.point(row), value: encodePoint(point) });
      if (row !== before && vectors) {
        writes.push({ kind: 'put', family: 'ids', key: keys.id(id), value: rowBytes(row) });
        for (const [name, vector] of vectors) {
          const number = vectorNumber(name);
          if (number === undefined) continue;
          const value = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
          writes.push({ kind: 'put', family: 'vectors', key: keys.vector(number, row), value });
        }
        born.set(row, vectors);
      } else if (payloadChanged) changed.push(row);
    } else if (before !== undefined) writes.push({ kind: 'delete', family: 'ids', key: keys.id(id) });
    if (before !== undefined && row !== before) died.push(before);
  }
  return { writes, born, died, changed };
}

async function readTargets(
  operations: readonly CommittedOperation[],
  reader: DocumentReader,
  keys: DocumentKeys,
): Promise<ReadonlyMap<PointId, Target>> {
  const ids = new Set<PointId>();
  const withPayload = new Set<PointId>();
  for (const { operation } of operations) {
    for (const id of idsOf(operation)) {
      ids.add(id);
      if (operation.kind === 'set-payload') withPayload.add(id);
    }
  }
  const list = [...ids];
  const rows = await reader.get(
    'ids',
    list.map((id) => keys.id(id)),
  );
  const targets = new Map<PointId, Target>();
  for (const [index, id] of list.entries()) {
    const before = rows[index]?.readUInt32LE(0);
    targets.set(id, { id, before, row: before, point: undefined, payloadChanged: false });
  }
  const merged = [...targets].filter(([id, target]) => withPayload.has(id) && target.before !== undefined);
  const points = await reader.get(
    'points',
    merged.map(([, target]) => keys.point(target.before ?? 0)),
  );
  for (const [index, [, target]] of merged.entries()) {
    const bytes = points[index];
    if (bytes) target.point = decodePoint(bytes);
  }
  return targets;
}

function targetOf(targets: ReadonlyMap<PointId, Target>, id: PointId): Target {
  const target = targets.get(id);
  if (!target) throw new Error('an id of the round was not looked up');
  return target;
}

function idsOf(operation: ResolvedOperation): readonly PointId[] {
  return operation.kind === 'upsert' ? operation.points.map((point) => point.id) : operation.ids;
}

function rowBytes(row: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(row);
  return bytes;
}
