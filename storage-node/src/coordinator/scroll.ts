import type { ScrollRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import type { ScrollPage } from './database.ts';
import { mergePage } from './merge.ts';
import { readEveryShard } from './on-shard.ts';

/** Asks each shard for one more than the page holds: the extra one, if any, is where the next page begins. */
export async function scroll(call: CollectionCall, request: ScrollRequest): Promise<ScrollPage> {
  const ask = { ...request, limit: request.limit + 1 };
  const lists = await readEveryShard(call, (replica, level, signal) => replica.scroll(ask, level, signal));
  const { items, next } = mergePage(lists, request.limit);
  return { points: items, nextPageOffset: next };
}
