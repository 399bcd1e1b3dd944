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
    { fault, shard: 'led', role: 'primary', justFailedOver: false, isCrossed: false, writeMs: 700, readMs: undefined },
  ]);
});

test.for([
  [2, 39_000, true],
  [2, 9000, false],
  [2, 41_000, false],
  [1, 39_000, false],
] as const)('a shard that got epoch %i at %i ms, and a fault at 40,000 ms: just failed over is %s', ([epoch, atMs, expected]) => {
  const late = { ...fault, injectedMs: 40_000 };
  const [pause] = pausesAfter([late], [{ shard: 'led', writes: [], reads: [] }], [{ shard: 'led', atMs, epoch }]);
  expect(pause?.justFailedOver).toBe(expected);
});

test('a pause in which the next fault came is told apart', () => {
  const writes = [{ invokedMs: 1100, answeredMs: 1900 }];
  const crossed = (injectedMs: number): boolean | undefined =>
    pausesAfter([fault, { ...fault, injectedMs }], [{ shard: 'led', writes, reads: [] }], [])[0]?.isCrossed;
  expect([crossed(1500), crossed(2000)]).toEqual([true, false]);
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
