import { describe, expect, test } from 'vitest';
import { isMissed, isMissedBy, isTrusted } from './missed.ts';
import type { Contact, NodeSight } from './node-sights.ts';

const open = (silentMs: number): Contact => ({ connected: true, closedForMs: undefined, silentMs });
const closed = (closedForMs: number, silentMs = closedForMs): Contact => ({ connected: false, closedForMs, silentMs });
const unknown: Contact = { connected: false, closedForMs: undefined, silentMs: undefined };
const dialing = (silentMs: number): Contact => ({ connected: false, closedForMs: undefined, silentMs });

describe('a process is', () => {
  test.for<[string, Contact, 'missed' | 'not missed']>([
    ['connected and heard just now', open(0), 'not missed'],
    ['connected and silent for almost three seconds', open(2999), 'not missed'],
    ['connected and silent for three seconds', open(3000), 'missed'],
    ['cut off just now', closed(0), 'not missed'],
    ['cut off for almost 400 ms', closed(399), 'not missed'],
    ['cut off for 400 ms', closed(400), 'missed'],
    ['cut off just now, silent long before', closed(0, 3000), 'missed'],
    ['never heard, being dialled', dialing(100), 'not missed'],
    ['never heard, dialled in vain for three seconds', dialing(3000), 'missed'],
    ['one that does not report', unknown, 'not missed'],
  ])('%s: %s', ([, contact, expected]) => {
    expect(isMissed(contact) ? 'missed' : 'not missed').toBe(expected);
  });
});

describe('the word of a node about another', () => {
  const reporter = (own: Contact, said: Contact | undefined): NodeSight => ({
    ...own,
    podUid: 'uid',
    peers: new Map(said === undefined ? [] : [['shop-data-0', said]]),
    replicas: new Map(),
  });
  test.for<[string, NodeSight | undefined, boolean]>([
    ['that is heard and misses it', reporter(open(100), closed(500)), true],
    ['that is heard and does not miss it', reporter(open(100), open(100)), false],
    ['that is heard and knows nothing of it', reporter(open(100), undefined), false],
    ['that is silent itself', reporter(open(1500), closed(500)), false],
    ['that is cut off itself', reporter(closed(0), closed(500)), false],
    ['that never reported', reporter(unknown, closed(500)), false],
    ['that is not there', undefined, false],
  ])('%s counts: %s', ([, sight, expected]) => {
    expect(isMissedBy(sight, 'shop-data-0')).toBe(expected);
  });
});

test('trust ends before silence is long enough to be missed for', () => {
  expect([isTrusted(open(1499)), isTrusted(open(1500)), isTrusted(closed(0, 0))]).toEqual([true, false, false]);
});
