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
  expect(pausesAfter([fault], [{ shard: 'led', writes, reads: [] }])).toEqual([
    { fault, shard: 'led', role: 'primary', writeMs: 700, readMs: undefined },
  ]);
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
