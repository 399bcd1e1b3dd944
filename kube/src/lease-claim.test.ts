import { expect, test } from 'vitest';
import { claim, held, observe, released } from './lease-claim.ts';

const terms = { namespace: 'shop', name: 'operator', identity: 'me', leaseDurationMs: 15_000 };
const date = new Date('2026-01-01T00:00:00Z');
const theirs = { ...held(undefined, { ...terms, identity: 'they' }, date), metadata: { name: 'operator', resourceVersion: '5' } };
const since = { resourceVersion: '5', sinceMs: 1000 };

test.for([
  ['none: create it', undefined, 0, { kind: 'create' }],
  ['ours: renew it', { ...theirs, spec: { ...theirs.spec, holderIdentity: 'me' } }, 0, { kind: 'renew' }],
  ['given back: take it', released(theirs, date), 0, { kind: 'take', because: 'released' }],
  ['watched unchanged for less than its duration: wait', theirs, 15_999, { kind: 'wait', holder: 'they', leftMs: 1 }],
  ['watched unchanged for its duration: take it', theirs, 16_000, { kind: 'take', because: 'expired' }],
] as const)('a lease %s', ([, lease, nowMs, expected]) => {
  expect(claim(lease, 'me', since, nowMs)).toEqual(expected);
});

test('a lease whose times lie far in the past is as good as any: only our own clock counts', () => {
  const old = { ...theirs, spec: { ...theirs.spec, renewTime: '1999-01-01T00:00:00.000000Z' } };
  expect(claim(old, 'me', observe(undefined, old, 50), 50)).toMatchObject({ kind: 'wait' });
});

test('the time of watching begins anew with each version', () => {
  const first = observe(undefined, theirs, 100);
  expect(observe(first, theirs, 900)).toEqual({ resourceVersion: '5', sinceMs: 100 });
  const renewed = { ...theirs, metadata: { ...theirs.metadata, resourceVersion: '6' } };
  expect(observe(first, renewed, 900)).toEqual({ resourceVersion: '6', sinceMs: 900 });
});

test('taking over counts a transition, renewing does not', () => {
  const taken = held(theirs, terms, date);
  expect(taken.spec).toMatchObject({ holderIdentity: 'me', leaseTransitions: 1, acquireTime: '2026-01-01T00:00:00.000000Z' });
  expect(held(taken, terms, new Date('2026-01-02T00:00:00Z')).spec).toMatchObject({
    leaseTransitions: 1,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-02T00:00:00.000000Z',
  });
});
