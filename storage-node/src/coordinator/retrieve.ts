import type { PointRecord } from '../model/point.ts';
import type { PointId } from '../model/point-id.ts';
import type { RetrieveRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import { readShards } from './on-shard.ts';
import { groupByShard } from './write.ts';

/** In the order asked for, each id once, unknown ids left out. */
export async function retrieve(call: CollectionCall, request: RetrieveRequest): Promise<readonly PointRecord[]> {
  const ids = new Set(request.ids);
  const jobs = groupByShard(ids, (id) => id, call.collection.shards, call.coordination.hash);
  const lists = await readShards(call, jobs, (replica, owned, level, signal) =>
    replica.retrieve({ ...request, ids: owned }, level, signal),
  );
  const found = new Map<PointId, PointRecord>(lists.flat().map((record) => [record.id, record]));
  return Array.from(ids, (id) => found.get(id)).filter((record) => record !== undefined);
}
