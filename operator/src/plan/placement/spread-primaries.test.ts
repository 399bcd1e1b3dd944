import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeCopies } from './place-copies.ts';
import { spreadPrimaries } from './spread-primaries.ts';

const nodesOf = (zones: readonly string[]) => zones.map((zone, index) => ({ name: `n${index}`, zone, load: 0 }));
const shardsOf = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

test('with a copy on every node, primaries go round', () => {
  const nodes = nodesOf(['a', 'b', 'c']);
  const placement = placeCopies({ nodes, shards: shardsOf(6), copies: 3 });
  const spread = spreadPrimaries(
    placement,
    nodes.map(({ name, zone }) => ({ node: name, zone, leads: 0 })),
  );
  expect([...spread.values()].map(([first]) => first)).toEqual(['n0', 'n1', 'n2', 'n0', 'n1', 'n2']);
});

test('a node that leads much already is spared', () => {
  const loads = [
    { node: 'n0', zone: 'a', leads: 2 },
    { node: 'n1', zone: 'b', leads: 0 },
  ];
  const placement = new Map(shardsOf(3).map((shard) => [shard, ['n0', 'n1']]));
  expect([...spreadPrimaries(placement, loads).values()].map(([first]) => first)).toEqual(['n1', 'n1', 'n0']);
});

test('copies stay what they are; where each node has one of every shard, what nodes lead differs by at most one', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }), fc.nat(20), (zones, count) => {
      const nodes = nodesOf(zones);
      const placement = placeCopies({ nodes, shards: shardsOf(count), copies: nodes.length });
      const spread = spreadPrimaries(
        placement,
        nodes.map(({ name, zone }) => ({ node: name, zone, leads: 0 })),
      );
      for (const [shard, chosen] of spread) expect(chosen.toSorted()).toEqual(placement.get(shard)?.toSorted());
      const leads = nodes.map(({ name }) => [...spread.values()].filter(([first]) => first === name).length);
      expect(Math.max(...leads) - Math.min(...leads)).toBeLessThanOrEqual(1);
    }),
  );
});
