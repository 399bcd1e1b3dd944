import type { ScrollRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import type { ScrollPage } from './database.ts';
import { mergePage } from './merge.ts';
import { onEveryShard } from './on-shard.ts';
import { recent } from './read-consistency.ts';

/** Asks each shard for one more than the page holds: the extra one, if any, is where the next page begins. */
export async function scroll(call: CollectionCall, request: ScrollRequest): Promise<ScrollPage> {
  const lists = await onEveryShard(call, async (shard) => (await shard.scroll({ ...request, limit: request.limit + 1 }, recent)).value);
  const { items, next } = mergePage(lists, request.limit);
  return { points: items, nextPageOffset: next };
}
