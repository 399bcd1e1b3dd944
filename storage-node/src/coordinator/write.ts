import type { PointId } from '../model/point-id.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { WriteResult } from '../shard/shard.ts';
import type { ShardRoute } from '../topology/topology.ts';
import type { CollectionCall } from './coordination.ts';
import type { WriteOptions, WriteOutcome } from './database.ts';
import { writeShards } from './on-shard.ts';
import { groupByRange, type Hash } from './router.ts';

/** One batch a shard: all or nothing there, in the order of the request. Shards are independent of each other. */
export async function write(call: CollectionCall, operation: WriteOperation, { requestId, wait }: WriteOptions): Promise<WriteOutcome> {
  const batches = splitByShard(operation, call.collection.shards, call.coordination.hash);
  const results = await writeShards(call, batches, (primary, batch) => primary.write(batch, requestId, wait ? 'applied' : 'committed'));
  return { status: wait ? 'completed' : 'acknowledged', operationId: largestSequence(results) };
}

/** What each shard has to do. By filter, every shard looks for itself. */
export function splitByShard(
  operation: WriteOperation,
  shards: readonly ShardRoute[],
  hash: Hash,
): readonly (readonly [ShardRoute, WriteOperation])[] {
  if (operation.kind === 'upsert') {
    const ofPoints = groupByShard(operation.points, ({ id }) => id, shards, hash);
    return ofPoints.map(([shard, points]) => [shard, { kind: 'upsert', points }]);
  }
  const { selection } = operation;
  if (selection.kind === 'filter') return shards.map((shard) => [shard, operation]);
  const ofIds = groupByShard(selection.ids, (id) => id, shards, hash);
  return ofIds.map(([shard, ids]) => [shard, { ...operation, selection: { kind: 'ids', ids } }]);
}

/** Shards that own none of the items are left out. */
export function groupByShard<Item>(
  items: Iterable<Item>,
  idOf: (item: Item) => PointId,
  shards: readonly ShardRoute[],
  hash: Hash,
): readonly (readonly [ShardRoute, readonly Item[]])[] {
  const groups = groupByRange(items, idOf, shards, hash);
  return shards.flatMap((shard, index) => {
    const group = groups.get(index);
    return group === undefined ? [] : [[shard, group] as const];
  });
}

function largestSequence(results: readonly WriteResult[]): number | undefined {
  const sequences = results.map(({ sequence }) => Number(sequence));
  return sequences.length === 0 ? undefined : Math.max(...sequences);
}
