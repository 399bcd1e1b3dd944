import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { expect, test } from 'vitest';
import { ShardMemory } from './shard-memory.ts';

const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000);
const handOver = (seconds: number, reason = 'Refused'): Condition => ({
  type: 'HandOver',
  status: reason === 'Asked' ? 'True' : 'False',
  reason,
  message: 'it did not drain',
  lastTransitionTime: at(seconds).toISOString(),
});
const shardOf = (condition: Condition, epoch = 1): VectorShard => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorShard',
  metadata: { name: 's', uid: 'u' },
  spec: {
    clusterName: 'shop',
    collection: 'c',
    vectorCollection: 'shop-c',
    hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
    assignments: [],
  },
  status: { epoch, conditions: [condition] },
});

/** Seconds on the monotonic clock, on the wall clock, and at which the condition was written. */
type Look = readonly [uptime: number, wall: number, written: number];

test.for<[string, readonly Look[], number]>([
  ['a condition from before this process began is as old as it says', [[0, 100, 60]], 40],
  ['one of a clock that is ahead is new', [[0, 100, 500]], 0],
  [
    'and then grows older all the same',
    [
      [0, 100, 500],
      [30, 130, 500],
    ],
    30,
  ],
  [
    'a wall clock that is set forward makes nothing older',
    [
      [0, 100, 100],
      [5, 3700, 100],
    ],
    5,
  ],
  [
    'one that is set back makes nothing younger',
    [
      [0, 100, 60],
      [5, 20, 60],
    ],
    45,
  ],
  [
    'what changed since the last look is no older than that look',
    [
      [0, 100, 60],
      [5, 3700, 62],
    ],
    5,
  ],
  [
    'and as old as it says, if that is less',
    [
      [0, 100, 60],
      [5, 105, 103],
    ],
    2,
  ],
])('%s', ([, looks, seconds]) => {
  let uptime = 0;
  const memory = new ShardMemory(() => uptime * 1000);
  let age = -1;
  for (const [now, wall, written] of looks) {
    uptime = now;
    const condition = handOver(written);
    age = memory.ageMs(shardOf(condition), condition, at(wall));
  }
  expect(age).toBe(seconds * 1000);
});

test('refusals are counted once each, and anew in each epoch', () => {
  const memory = new ShardMemory(() => 0);
  const counts = [
    shardOf(handOver(1, 'Asked')),
    shardOf(handOver(6)),
    shardOf(handOver(6)),
    shardOf(handOver(20, 'Asked')),
    shardOf(handOver(25)),
    shardOf(handOver(25, 'Done'), 2),
    shardOf(handOver(40), 2),
  ].map((shard) => memory.handOverRefusals(shard));
  expect(counts).toEqual([0, 1, 1, 1, 2, 0, 1]);
});

test('a copy that is being made again does not stand still for as long as it was in sync', () => {
  let now = 0;
  const memory = new ShardMemory(() => now);
  const standstill = (at: number) => {
    now = at;
    return memory.standstillMs(shardOf(handOver(1)), 'n0', '5');
  };
  expect([standstill(0), standstill(60_000), standstill(3_600_000), standstill(3_601_000)]).toEqual([0, 60_000, 0, 1000]);
});

test('a copy stands still from when it came where it is', () => {
  let now = 0;
  const memory = new ShardMemory(() => now);
  const looks = (['n0 5', 'n0 5', 'n1 5', 'n0 6', 'n1 5', 'n0 6'] as const).map((look) => {
    now += 1000;
    const [node = '', position = ''] = look.split(' ');
    return memory.standstillMs(shardOf(handOver(1)), node, position);
  });
  expect(looks).toEqual([0, 1000, 0, 0, 2000, 2000]);
});

test('a shard that is gone is forgotten', () => {
  const memory = new ShardMemory(() => 0);
  memory.handOverRefusals(shardOf(handOver(6)));
  memory.forget(shardOf(handOver(6)));
  expect(memory.handOverRefusals(shardOf(handOver(1, 'Asked')))).toBe(0);
});
