/** Merging of what shards return, each list already sorted. Ties go by id, so that the answer does not depend on who was faster. */
import { comparePointIds, type PointId } from '../model/point-id.ts';

export type ScoreOrder = 'descending' | 'ascending';

export interface Scored {
  readonly id: PointId;
  readonly score: number;
}

export function compareScored(order: ScoreOrder): (a: Scored, b: Scored) => number {
  const sign = order === 'descending' ? -1 : 1;
  return (a, b) => (a.score === b.score ? comparePointIds(a.id, b.id) : a.score < b.score ? -sign : sign);
}

/** Entries `offset` to `offset + limit` of all lists taken together. Each list must hold its best `offset + limit`. */
export function mergeByScore<Hit extends Scored>(
  lists: readonly (readonly Hit[])[],
  order: ScoreOrder,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): readonly Hit[] {
  return mergeSorted(lists, compareScored(order), offset + limit).slice(offset);
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Id of the first item after the page. */
  readonly next?: PointId | undefined;
}

/** One page by ascending id. Each list must hold its first `limit + 1`, so that the page after is known to begin somewhere. */
export function mergePage<Item extends { readonly id: PointId }>(lists: readonly (readonly Item[])[], limit: number): Page<Item> {
  const items = mergeSorted(lists, (a, b) => comparePointIds(a.id, b.id), limit + 1);
  return { items: items.slice(0, limit), next: items[limit]?.id };
}

/** First `count` of the merged lists. The lists are few (one a shard), so the best head is found by looking at each. */
function mergeSorted<Item>(lists: readonly (readonly Item[])[], compare: (a: Item, b: Item) => number, count: number): readonly Item[] {
  const heads = lists.map((list) => ({ list, position: 0 }));
  const merged: Item[] = [];
  while (merged.length < count) {
    let best: { readonly head: { position: number }; readonly item: Item } | undefined;
    for (const head of heads) {
      const item = head.list[head.position];
      if (item !== undefined && (best === undefined || compare(item, best.item) < 0)) best = { head, item };
    }
    if (best === undefined) break;
    best.head.position += 1;
    merged.push(best.item);
  }
  return merged;
}
