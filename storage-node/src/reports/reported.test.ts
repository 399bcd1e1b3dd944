import { describe, expect, test } from 'vitest';
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import { changedSince, matters } from './reported.ts';

const facts: ReplicaFacts = {
  shard: 'shard-1',
  replicaId: 'replica-1',
  epoch: 1n,
  role: 'following',
  serves: true,
  logged: 5n,
  committed: 5n,
  applied: 5n,
  points: 3,
  because: undefined,
  drainedTo: undefined,
};
const changes: readonly [string, Partial<ReplicaFacts>, boolean][] = [
  ['epoch', { epoch: 2n }, true],
  ['role', { role: 'leading' }, true],
  ['being barred', { role: 'barred', because: 'checksum' }, true],
  ['serves', { serves: false }, true],
  ['drainedTo', { drainedTo: 'replica-2' }, true],
  ['because alone', { because: 'it has not heard its primary' }, false],
  ['logged', { logged: 6n }, false],
  ['committed', { committed: 6n }, false],
  ['applied', { applied: 6n }, false],
  ['points', { points: 4 }, false],
];

describe('a change of', () => {
  test.for(changes)('%s is told', ([, change]) => {
    const now = { ...facts, ...change };
    expect(changedSince(new Map([['replica-1', facts]]), [['replica-1', now]])).toEqual({ replicas: [now], gone: [] });
  });
  test.for(changes)('%s: at once if it matters', ([, change, isUrgent]) => {
    expect(matters(facts, { ...facts, ...change })).toBe(isUrgent);
  });
});

test('what is as it was told is not told again', () => {
  expect(changedSince(new Map([['replica-1', facts]]), [['replica-1', { ...facts }]])).toEqual({ replicas: [], gone: [] });
  expect(matters(facts, { ...facts })).toBe(false);
});

test('a replica that comes or goes is told at once, and one that came and went between two reports is not told', () => {
  expect([matters(undefined, facts), matters(facts, undefined), matters(undefined, undefined)]).toEqual([true, true, false]);
  expect(changedSince(new Map(), [['replica-1', facts]])).toEqual({ replicas: [facts], gone: [] });
  expect(changedSince(new Map([['replica-1', facts]]), [['replica-1', undefined]])).toEqual({ replicas: [], gone: ['replica-1'] });
  expect(changedSince(new Map(), [['replica-1', undefined]])).toEqual({ replicas: [], gone: [] });
});
