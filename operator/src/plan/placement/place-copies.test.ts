import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeCopies, type PlaceableNode, type PlacementProblem } from './place-copies.ts';

const nodesOf = (zones: readonly string[], loads: readonly number[] = []): PlaceableNode[] =>
  zones.map((zone, index) => ({ name: `n${index}`, zone, load: loads[index] ?? 0 }));

const node = fc.record({ zone: fc.constantFrom('a', 'b', 'c', 'd'), load: fc.nat(6) });
const problem: fc.Arbitrary<PlacementProblem> = fc
  .record({ nodes: fc.array(node, { minLength: 1, maxLength: 7 }), count: fc.nat(12), copies: fc.integer({ min: 1, max: 4 }) })
  .map(({ nodes, count, copies }) => ({
    nodes: nodes.map((values, index) => ({ name: `n${index}`, ...values })),
    shards: Array.from({ length: count }, (_, index) => `s${index}`),
    copies,
  }));

function loadsAfter({ nodes, shards, copies }: PlacementProblem): Map<string, number> {
  const loads = new Map(nodes.map(({ name, load }) => [name, load]));
  for (const chosen of placeCopies({ nodes, shards, copies }).values()) {
    for (const name of chosen) loads.set(name, (loads.get(name) ?? 0) + 1);
  }
  return loads;
}

const sumOfSquares = (loads: Iterable<number>): number => [...loads].reduce((sum, load) => sum + load * load, 0);

describe('laws', () => {
  test('every shard has its copies on distinct nodes, and in distinct zones while zones allow', () => {
    fc.assert(
      fc.property(problem, (given) => {
        const zones = new Map(given.nodes.map(({ name, zone }) => [name, zone]));
        const placement = placeCopies(given);
        expect([...placement.keys()]).toEqual(given.shards);
        for (const chosen of placement.values()) {
          expect(new Set(chosen).size).toBe(Math.min(given.copies, given.nodes.length));
          const used = new Set(chosen.map((name) => zones.get(name)));
          expect(used.size).toBe(Math.min(given.copies, new Set(zones.values()).size));
        }
      }),
    );
  });

  test('with one copy no node gets a shard while another has two fewer', () => {
    fc.assert(
      fc.property(problem, (given) => {
        const single = { ...given, copies: 1 };
        const loads = loadsAfter(single);
        const lowest = Math.min(...loads.values());
        const raised = given.nodes.filter(({ name, load }) => (loads.get(name) ?? 0) > load);
        expect(raised.filter(({ name }) => (loads.get(name) ?? 0) > lowest + 1)).toEqual([]);
      }),
    );
  });

  test('the order in which nodes are given does not matter', () => {
    fc.assert(
      fc.property(
        problem.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray([...given.nodes], { minLength: given.nodes.length }))),
        ([given, shuffled]) => {
          expect(placeCopies({ ...given, nodes: shuffled })).toEqual(placeCopies(given));
        },
      ),
    );
  });

  test('one copy is placed as well as brute force can', () => {
    const small = fc.record({ loads: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), count: fc.nat(4) });
    fc.assert(
      fc.property(small, ({ loads, count }) => {
        const nodes = nodesOf(
          loads.map(() => 'a'),
          loads,
        );
        const shards = Array.from({ length: count }, (_, index) => `s${index}`);
        const best = (current: readonly number[], left: number): number =>
          left === 0 ? sumOfSquares(current) : Math.min(...current.map((load, index) => best(current.with(index, load + 1), left - 1)));
        expect(sumOfSquares(loadsAfter({ nodes, shards, copies: 1 }).values())).toBe(best(loads, count));
      }),
    );
  });

  test('two copies in two zones are balanced within each zone', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (count, inA, inB) => {
        const nodes = nodesOf([...Array<string>(inA).fill('a'), ...Array<string>(inB).fill('b')]);
        const shards = Array.from({ length: count }, (_, index) => `s${index}`);
        const loads = loadsAfter({ nodes, shards, copies: 2 });
        for (const zone of ['a', 'b']) {
          const inZone = nodes.filter((candidate) => candidate.zone === zone).map(({ name }) => loads.get(name) ?? 0);
          expect(Math.max(...inZone) - Math.min(...inZone)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

test('six shards on three nodes: two each, in turn', () => {
  const placement = placeCopies({ nodes: nodesOf(['a', 'b', 'c']), shards: ['s0', 's1', 's2', 's3', 's4', 's5'], copies: 1 });
  expect([...placement.values()].map(([name]) => name)).toEqual(['n0', 'n1', 'n2', 'n0', 'n1', 'n2']);
});

test('three copies in two zones: both zones, three nodes', () => {
  const placement = placeCopies({ nodes: nodesOf(['a', 'a', 'b']), shards: ['s'], copies: 3 });
  expect(placement.get('s')?.toSorted()).toEqual(['n0', 'n1', 'n2']);
});

test('no node, no copy', () => {
  expect(placeCopies({ nodes: [], shards: ['s'], copies: 1 }).get('s')).toEqual([]);
});
