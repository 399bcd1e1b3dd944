import type { CountRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import { onEveryShard } from './on-shard.ts';
import { recent } from './read-consistency.ts';

export async function count(call: CollectionCall, request: CountRequest): Promise<number> {
  const counts = await onEveryShard(call, async (shard) => (await shard.count(request, recent)).value);
  return counts.reduce((sum, each) => sum + each, 0);
}
