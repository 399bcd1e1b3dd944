import type { CountRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import { readEveryShard } from './on-shard.ts';

export async function count(call: CollectionCall, request: CountRequest): Promise<number> {
  const counts = await readEveryShard(call, (replica, level, signal) => replica.count(request, level, signal));
  return counts.reduce((sum, each) => sum + each, 0);
}
