import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { spreadOverZones, type ZoneLoad } from './spread-over-zones.ts';

const empty = (zone: string): ZoneLoad => ({ zone, inPool: 0, inCluster: 0 });

test.for<[string, ZoneLoad[], number, string[]]>([
  ['three nodes over three zones', [empty('c'), empty('a'), empty('b')], 3, ['a', 'b', 'c']],
  [
    'the emptiest zone first',
    [
      { zone: 'a', inPool: 2, inCluster: 2 },
      { zone: 'b', inPool: 1, inCluster: 1 },
    ],
    2,
    ['b', 'a'],
  ],
  [
    'other pools decide between equals',
    [
      { zone: 'a', inPool: 1, inCluster: 3 },
      { zone: 'b', inPool: 1, inCluster: 1 },
    ],
    1,
    ['b'],
  ],
  ['no zone', [], 2, []],
])('%s', ([, zones, count, expected]) => {
  expect(spreadOverZones(zones, count)).toEqual(expected);
});

test('from nothing, zones differ by at most one node', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }), fc.nat(20), (zones, count) => {
      const chosen = spreadOverZones(zones.map(empty), count);
      expect(chosen).toHaveLength(count);
      const counts = zones.map((zone) => chosen.filter((each) => each === zone).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
