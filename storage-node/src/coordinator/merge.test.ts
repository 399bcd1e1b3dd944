import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import { compareScored, mergeByScore, mergePage, type Scored } from './merge.ts';

const pointId: fc.Arbitrary<PointId> = fc.oneof(fc.bigInt(0n, 60n), fc.uuid());
const hits = fc.uniqueArray(fc.record({ id: pointId, score: fc.integer({ min: -3, max: 3 }) }), { selector: (hit) => hit.id });
const order = fc.constantFrom('ascending' as const, 'descending' as const);
const shards = fc.integer({ min: 1, max: 7 });
const window = fc.record({ offset: fc.nat(12), limit: fc.nat(12) });

/** Deals the items out to `count` lists as a hash would: every item to one list. */
function deal<Item>(items: readonly Item[], count: number): readonly (readonly Item[])[] {
  return Array.from({ length: count }, (_, list) => items.filter((_, index) => (index * 7 + 3) % count === list));
}

test('merging what shards return equals sorting everything', () => {
  fc.assert(
    fc.property(hits, shards, order, window, (all, count, order, { offset, limit }) => {
      const compare = compareScored(order);
      const lists = deal(all, count).map((list) => list.toSorted(compare).slice(0, offset + limit));
      expect(mergeByScore(lists, order, { offset, limit })).toEqual(all.toSorted(compare).slice(offset, offset + limit));
    }),
  );
});

test('the order of the shards does not matter', () => {
  fc.assert(
    fc.property(hits, shards, order, window, (all, count, order, window) => {
      const lists = deal(all, count).map((list) => list.toSorted(compareScored(order)));
      expect(mergeByScore(lists.toReversed(), order, window)).toEqual(mergeByScore(lists, order, window));
    }),
  );
});

test('following next page offsets visits every point once, in order', () => {
  fc.assert(
    fc.property(hits, shards, fc.integer({ min: 1, max: 10 }), (all, count, limit) => {
      const sorted = all.toSorted((a, b) => comparePointIds(a.id, b.id));
      const visited: Scored[] = [];
      let from: PointId | undefined;
      do {
        const start = from;
        const rest = sorted.filter((hit) => start === undefined || comparePointIds(hit.id, start) >= 0);
        const page = mergePage(
          deal(rest, count).map((list) => list.slice(0, limit + 1)),
          limit,
        );
        visited.push(...page.items);
        from = page.next;
      } while (from !== undefined);
      expect(visited).toEqual(sorted);
    }),
  );
});
