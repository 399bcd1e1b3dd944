import { expect, test } from 'vitest';
import { distribution, pausesAfter, type FaultRecord } from './pauses.ts';

const fault: FaultRecord = {
  number: 1,
  kind: 'kill',
  words: 'SIGKILL',
  nodes: ['a'],
  injectedMs: 1000,
  healedMs: 1000,
  overlaps: false,
  roles: new Map([['led', 'primary']]),
};

test('the first answer to what was asked after the fault', () => {
  const writes = [
    { invokedMs: 990, answeredMs: 1010 },
    { invokedMs: 1100, answeredMs: 1900 },
    { invokedMs: 1200, answeredMs: 1700 },
  ];
  expect(pausesAfter([fault], [{ shard: 'led', writes, reads: [] }], [{ shard: 'led', atMs: 5, epoch: 1 }])).toEqual([
    { fault, shard: 'led', role: 'primary', justFailedOver: false, writeMs: 700, readMs: undefined },
  ]);
});

test('a shard whose epoch was raised just before is told apart', () => {
  const of = (epoch: number, atMs: number): boolean | undefined =>
    pausesAfter([{ ...fault, injectedMs: 40_000 }], [{ shard: 'led', writes: [], reads: [] }], [{ shard: 'led', atMs, epoch }])[0]
      ?.justFailedOver;
  expect([of(2, 39_000), of(2, 9000), of(2, 41_000), of(1, 39_000)]).toEqual([true, false, false, false]);
});

test('percentiles by nearest rank', () => {
  expect(distribution(Array.from({ length: 200 }, (_, index) => index + 1))).toEqual({
    count: 200,
    p50: 100,
    p90: 180,
    p99: 198,
    max: 200,
  });
  expect(distribution([])).toBeUndefined();
});
