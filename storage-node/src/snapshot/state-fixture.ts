/** Replica states over any documents, random logs for them, and snapshots handed over without a network. For tests. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { LogEntry } from '@vectorcluster/engine/log/log.ts';
import { createExactSegment } from '@vectorcluster/engine/vectors/exact-segment.ts';
import type { CollectionConfig } from '../model/collection.ts';
import { columnFamilies } from '@vectorcluster/engine/documents/documents.ts';
import { encodeOperation } from '../shard/operation-codec.ts';
import { PointCache } from '../shard/point-cache.ts';
import { ReplicaState } from '../shard/replica-state.ts';
import type { CommittedOperation, ResolvedOperation } from '../shard/resolved-operation.ts';
import { noSegmentFiles } from '../shard/segment-files.ts';
import { formatVersion } from './part-format.ts';
import type { ReceivedParts, Transfer } from './received-parts.ts';
import { openSnapshot, type SnapshotReader } from './snapshot-reader.ts';

export const sourceId = 'a5'.repeat(16);
/** The greatest prefix there is: nothing may run over its end. */
export const receiverId = 'ff'.repeat(16);

export const config: CollectionConfig = {
  vectors: new Map([
    ['', { size: 2, distance: 'Euclid', m: 4, efConstruct: 8 }],
    ['title', { size: 3, distance: 'Dot', m: 4, efConstruct: 8 }],
  ]),
};

export async function loadState(documents: Documents, replicaId: string): Promise<ReplicaState> {
  return await ReplicaState.load({
    replicaId,
    config,
    documents,
    cache: new PointCache(16 * 1024).open(),
    createSegment: createExactSegment,
    segmentFiles: () => noSegmentFiles,
    onIndexFailure: (error) => {
      throw error;
    },
  });
}

/** Entries of a log, of growing epochs. */
export interface LoggedOperation extends CommittedOperation {
  readonly epoch: bigint;
}

type Draft =
  | { readonly kind: 'upsert'; readonly points: readonly { readonly id: bigint; readonly x: number; readonly titled: boolean }[] }
  | { readonly kind: 'delete'; readonly ids: readonly bigint[] }
  | { readonly kind: 'set-payload'; readonly ids: readonly bigint[]; readonly note: number };

const id = fc.bigInt({ min: 0n, max: 9n });
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 4 });
const draft: fc.Arbitrary<Draft> = fc.oneof(
  fc.record({
    kind: fc.constant('upsert' as const),
    points: fc.uniqueArray(fc.record({ id, x: fc.integer({ min: -9, max: 9 }), titled: fc.boolean() }), {
      selector: (point) => point.id,
      maxLength: 5,
    }),
  }),
  fc.record({ kind: fc.constant('delete' as const), ids }),
  fc.record({ kind: fc.constant('set-payload' as const), ids, note: fc.nat(9) }),
);

/** A log as a primary would write it: each point has a row of its own, and the epoch changes now and then. */
export const logs: fc.Arbitrary<readonly LoggedOperation[]> = fc
  .array(fc.record({ draft, newEpoch: fc.boolean() }), { minLength: 1, maxLength: 30 })
  .map((drafts) => logOf(drafts));

export function logOf(drafts: readonly { readonly draft: Draft; readonly newEpoch: boolean }[]): readonly LoggedOperation[] {
  let epoch = 1n;
  let row = 0;
  return drafts.map(({ draft: { ...each }, newEpoch }, index) => {
    if (newEpoch) epoch += 1n;
    const sequence = BigInt(index + 1);
    const operation: ResolvedOperation =
      each.kind === 'upsert'
        ? {
            kind: 'upsert',
            points: each.points.map(({ id: pointId, x, titled }) => ({
              id: pointId,
              row: row++,
              payload: Buffer.from(JSON.stringify({ x })),
              vectors: new Map([['', Float32Array.of(x, index)], ...(titled ? [['title', Float32Array.of(x, 1, index)] as const] : [])]),
            })),
          }
        : each.kind === 'delete'
          ? each
          : { kind: 'set-payload', ids: each.ids, payload: Buffer.from(JSON.stringify({ note: each.note })) };
    return { sequence, epoch, requestId: `request ${sequence}`, operation };
  });
}

/** In rounds of at most `roundMax` entries, each of one epoch. */
export async function applyAll(state: ReplicaState, log: readonly LoggedOperation[], roundMax: number): Promise<void> {
  for (let at = 0; at < log.length;) {
    const epoch = log[at]?.epoch ?? 0n;
    let end = at + 1;
    while (end < log.length && end - at < roundMax && log[end]?.epoch === epoch) end += 1;
    await state.apply(log.slice(at, end), epoch);
    at = end;
  }
}

export function entryOf(replica: string, { sequence, epoch, requestId, operation }: LoggedOperation): LogEntry {
  return { replica, epoch, sequence, requestId, operation: encodeOperation(operation) };
}

/** Everything that can be found, and how near. */
export async function found(state: ReplicaState): Promise<unknown> {
  await using view = await state.view();
  const rows = [...view.live.rows()];
  const points = await view.points(rows);
  const search = async (name: string, vector: Float32Array) =>
    await view.searchOf(name)({ vector, k: 100, expansion: 100, exact: true }, view.live);
  return {
    points: points.map(({ row, point }) => ({ row, point })),
    vectors: await view.vectors(rows, true),
    near: await search('', Float32Array.of(1, 2)),
    titled: await search('title', Float32Array.of(1, 2, 3)),
  };
}

export function transferOf(reader: SnapshotReader): Transfer {
  const { sequence, epoch } = reader.position;
  const named = { shard: 'shard', from: sourceId, receiver: receiverId, session: 'session' };
  return { format: formatVersion, ...named, sequence, epoch, families: [...columnFamilies] };
}

/** Reads parts from the next one on into `parts`, until `stopBefore` or the end. */
export async function handOver(reader: SnapshotReader, parts: ReceivedParts, stopBefore = Infinity): Promise<void> {
  if (!parts.transfer) await parts.begin(transferOf(reader));
  let chunks: Buffer[] = [];
  for await (const piece of reader.read(parts.count + 1)) {
    switch (piece.kind) {
      case 'data':
        chunks.push(Buffer.from(piece.bytes));
        break;
      case 'part-ended':
        if (piece.number >= stopBefore) return;
        await parts.add(piece.number, Buffer.concat(chunks), piece.sha256);
        chunks = [];
        break;
      case 'finished':
        await parts.complete(piece.summary);
        break;
    }
  }
}

/** All that a reader gives from part `first` on, as it would go over the wire. */
export async function bodiesOf(reader: SnapshotReader, first = 1): Promise<readonly { readonly body: Buffer; readonly sha256: Buffer }[]> {
  const bodies: { readonly body: Buffer; readonly sha256: Buffer }[] = [];
  let chunks: Buffer[] = [];
  for await (const piece of reader.read(first)) {
    if (piece.kind === 'data') chunks.push(Buffer.from(piece.bytes));
    if (piece.kind !== 'part-ended') continue;
    bodies.push({ body: Buffer.concat(chunks), sha256: piece.sha256 });
    chunks = [];
  }
  return bodies;
}

/** A complete snapshot of `replicaId` in `parts`. */
export async function fetchedFrom(documents: Documents, replicaId: string, parts: ReceivedParts) {
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId, partBytes: 100 });
  await handOver(reader, parts);
  assert(parts.isComplete && parts.position);
  return { parts, position: parts.position, bytes: parts.bytes };
}
