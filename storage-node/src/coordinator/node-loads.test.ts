import { describe, expect, test } from 'vitest';
import { NodeLoads } from './node-loads.ts';
import type { Candidate } from './replica-choice.ts';

function at(address: string, replicaId = address): Candidate {
  const place = { node: address, zone: '', address, isLeaving: false };
  return { ...place, replicaId, kind: 'Voter', inSync: true, isPrimary: false, isReader: false };
}

function loads() {
  const clock = { now: 0 };
  return { clock, loads: new NodeLoads(() => clock.now) };
}

test('calls under way and slow answers make a node dearer; what was slow once is forgotten', () => {
  const { clock, loads: known } = loads();
  expect(known.loadOf(at('a'))).toEqual({ isAvoided: false, cost: 0 });
  for (const [address, ms] of [
    ['a', 10],
    ['b', 20],
  ] as const) {
    known.began(address);
    known.answered(address, ms);
  }
  expect(known.loadOf(at('a')).cost).toBeLessThan(known.loadOf(at('b')).cost);
  known.began('a');
  known.began('a');
  expect(known.loadOf(at('a')).cost).toBeGreaterThan(known.loadOf(at('b')).cost);
  const before = known.loadOf(at('b')).cost;
  clock.now = 60_000;
  expect(known.loadOf(at('b')).cost).toBeLessThan(before / 100);
});

describe('a node that cannot be reached', () => {
  test('is avoided, ever longer, until it answers', () => {
    const { clock, loads: known } = loads();
    const avoidedFor = () => {
      known.began('a');
      known.unreachable('a');
      const from = clock.now;
      while (known.loadOf(at('a')).isAvoided) clock.now += 250;
      return clock.now - from;
    };
    expect([1, 2, 3, 4, 5].map(avoidedFor)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
    known.began('a');
    known.answered('a', 1);
    expect(avoidedFor()).toBe(1_000);
  });

  test('is not, by failures of calls that began together, taken for one that fails again and again', () => {
    const { clock, loads: known } = loads();
    for (let calls = 0; calls < 50; calls += 1) known.began('a');
    for (let calls = 0; calls < 50; calls += 1) known.unreachable('a');
    clock.now = 1_000;
    expect(known.loadOf(at('a')).isAvoided).toBe(false);
  });
});

test('a copy that refuses is avoided for a moment, the others of its node are not', () => {
  const { clock, loads: known } = loads();
  known.began('a');
  known.refused('a', 'one');
  expect([known.loadOf(at('a', 'one')).isAvoided, known.loadOf(at('a', 'two')).isAvoided]).toEqual([true, false]);
  clock.now = 250;
  expect(known.loadOf(at('a', 'one')).isAvoided).toBe(false);
});

function overtake(known: NodeLoads, clock: { now: number }): void {
  known.began('a');
  clock.now += 50;
  known.abandoned('a', 50);
}

describe('a node whose calls are overtaken', () => {
  test('is avoided when it says nothing', () => {
    const { clock, loads: known } = loads();
    overtake(known, clock);
    overtake(known, clock);
    expect(known.loadOf(at('a')).isAvoided).toBe(false);
    overtake(known, clock);
    expect(known.loadOf(at('a')).isAvoided).toBe(true);
  });

  test('is only dear when it answers others meanwhile', () => {
    const { clock, loads: known } = loads();
    for (let calls = 0; calls < 10; calls += 1) {
      known.began('a');
      known.answered('a', 1);
      known.began('a');
      known.began('a');
      clock.now += 50;
      known.answered('a', 50);
      known.abandoned('a', 50);
    }
    const { isAvoided, cost } = known.loadOf(at('a'));
    expect([isAvoided, cost > 10]).toEqual([false, true]);
  });
});

test('silence is that of the whole node', () => {
  const { clock, loads: known } = loads();
  expect(known.isMuteSince('a', 0)).toBe(true);
  known.began('a');
  clock.now = 5;
  known.answered('a', 5);
  expect([known.isMuteSince('a', 4), known.isMuteSince('a', 5)]).toEqual([false, true]);
});

test('nodes that are gone are forgotten', () => {
  const { loads: known } = loads();
  known.began('a');
  known.unreachable('a');
  known.keepOnly(new Set(['b']));
  expect(known.loadOf(at('a'))).toEqual({ isAvoided: false, cost: 0 });
});
