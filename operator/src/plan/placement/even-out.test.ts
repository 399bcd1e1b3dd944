import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { movesToEvenOut, type Move, type PlacedNode, type PlacedShard } from './even-out.ts';

const nodesIn = (zones: readonly string[]): readonly PlacedNode[] => zones.map((zone, at) => ({ name: `n${at}`, zone }));
const shards = (weight: number, ...nodes: readonly (readonly string[])[]): readonly PlacedShard[] =>
  nodes.map((on, at) => ({ name: `s${at}`, nodes: on, primary: undefined, weight }));

test.for<[string, readonly string[], readonly PlacedShard[], readonly string[]]>([
  ['what is even stays', ['a', 'b'], shards(2, ['n0'], ['n1']), []],
  ['one copy more is even enough', ['a', 'b'], shards(2, ['n0'], ['n0'], ['n1']), []],
  [
    'an empty node gets its share and no more',
    ['a', 'b', 'c'],
    shards(2, ['n0'], ['n0'], ['n0'], ['n1'], ['n1'], ['n1']),
    ['s0 n0>n2', 's3 n1>n2'],
  ],
  [
    'two copies in one zone go apart, however full the other zone is',
    ['a', 'a', 'b'],
    shards(2, ['n0', 'n1'], ['n2'], ['n2']),
    ['s0 n0>n2', 's1 n2>n0'],
  ],
  ['no zone is given up for balance', ['a', 'b', 'b'], shards(2, ['n0', 'n1'], ['n0', 'n1'], ['n0', 'n1']), ['s0 n1>n2']],
  ['copies on nodes that take no part stay', ['a', 'b'], shards(2, ['gone'], ['gone'], ['n0']), []],
])('%s', ([, zones, placed, expected]) => {
  expect(movesToEvenOut(nodesIn(zones), placed, 100).map(({ shard, from, to }) => `${shard} ${from}>${to}`)).toEqual(expected);
});

test('a copy that leads moves only where no other will do', () => {
  const led = shards(2, ['n0'], ['n0']).map((shard, at) => ({ ...shard, primary: at === 0 ? 'n0' : undefined }));
  expect(movesToEvenOut(nodesIn(['a', 'b']), led, 1)).toMatchObject([{ shard: 's1' }]);
});

const world = fc
  .record({
    zones: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }),
    drawn: fc.array(fc.record({ seed: fc.nat(), copies: fc.integer({ min: 1, max: 3 }), weight: fc.integer({ min: 100, max: 2000 }) }), {
      maxLength: 14,
    }),
  })
  .map(({ zones, drawn }) => {
    const nodes = nodesIn(zones);
    const placed = drawn.map(({ seed, copies, weight }, at): PlacedShard => {
      const on = Array.from({ length: Math.min(copies, nodes.length) }, (_, step) => `n${(seed + step) % nodes.length}`);
      return { name: `s${String(at).padStart(2, '0')}`, nodes: on, primary: on[0], weight };
    });
    return { nodes, placed };
  });

function after(placed: readonly PlacedShard[], moves: readonly Move[]): readonly PlacedShard[] {
  return moves.reduce<readonly PlacedShard[]>(
    (all, { shard, from, to }) =>
      all.map((each) => (each.name === shard ? { ...each, nodes: each.nodes.map((node) => (node === from ? to : node)) } : each)),
    placed,
  );
}

function sharedZones(nodes: readonly PlacedNode[], placed: readonly PlacedShard[]): number {
  const zoneOf = (name: string) => nodes.find((node) => node.name === name)?.zone;
  return placed.reduce((sum, shard) => sum + shard.nodes.length - new Set(shard.nodes.map(zoneOf)).size, 0);
}

function unevenness(nodes: readonly PlacedNode[], placed: readonly PlacedShard[]): number {
  const load = (name: string) => placed.reduce((sum, shard) => sum + (shard.nodes.includes(name) ? shard.weight : 0), 0);
  return nodes.reduce((sum, { name }) => sum + load(name) ** 2, 0);
}

test('each move separates copies or evens out, so it ends; and once done there is nothing to do', () => {
  fc.assert(
    fc.property(world, ({ nodes, placed }) => {
      const moves = movesToEvenOut(nodes, placed, 1000);
      expect(moves.length).toBeLessThan(1000);
      let now: readonly PlacedShard[] = placed;
      for (const move of moves) {
        const next = after(now, [move]);
        const [before, then] = [sharedZones(nodes, now), sharedZones(nodes, next)];
        const gains = then < before || (then === before && unevenness(nodes, next) < unevenness(nodes, now));
        expect(gains).toBe(true);
        now = next;
      }
      expect(movesToEvenOut(nodes, now, 1000)).toEqual([]);
      for (const shard of now) expect(new Set(shard.nodes).size).toBe(shard.nodes.length);
    }),
    { numRuns: 500 },
  );
});

test('done one by one, each decided anew, it goes the same way', () => {
  fc.assert(
    fc.property(world, ({ nodes, placed }) => {
      const all = movesToEvenOut(nodes, placed, 1000);
      let now: readonly PlacedShard[] = placed;
      for (const expected of all) {
        const [next] = movesToEvenOut(nodes, now, 1);
        expect(next).toEqual(expected);
        now = after(now, [expected]);
      }
    }),
  );
});

test('weights that change by a quarter after a move do not bring it back', () => {
  fc.assert(
    fc.property(
      world,
      fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 14, maxLength: 14 }),
      ({ nodes, placed }, factors) => {
        const [move] = movesToEvenOut(nodes, placed, 1);
        if (move === undefined) return;
        const moved = after(placed, [move]).map((shard, at) =>
          shard.name === move.shard ? { ...shard, weight: Math.round(shard.weight * (factors[at] ?? 1)) } : shard,
        );
        const [next] = movesToEvenOut(nodes, moved, 1);
        const isBack = next?.shard === move.shard && next.from === move.to && next.to === move.from;
        expect(isBack).toBe(false);
      },
    ),
  );
});
