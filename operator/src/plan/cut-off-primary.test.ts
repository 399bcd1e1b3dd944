import { describe, expect, test } from 'vitest';
import { facts, id, member, shard } from '../../test/observed-shard.ts';
import type { ObservedMember, ObservedShard } from './observed-shard.ts';
import { planShard } from './plan-shard.ts';

const old = (ordinal: number, parts: Partial<ObservedMember> = {}) => member(ordinal, { facts: facts(ordinal, { epoch: 2 }), ...parts });
const named = (members: ObservedMember[], parts: Partial<ObservedShard> = {}) =>
  shard({ members, hasServed: false, epochAgeMs: 5_000, ...parts });

describe('a primary that does not know that it was named', () => {
  test('one that does know is named, and all stay in sync', () => {
    const { steps } = planShard(named([old(0), old(1), member(2)]));
    expect(steps).toMatchObject([{ kind: 'name-another', epoch: 4, primary: id(2), inSync: [id(0), id(1), id(2)] }]);
    expect(steps[0]?.because).toContain('n0 was named primary of epoch 3 and knows epoch 2 only');
  });

  test.for<[string, ObservedShard, number | undefined]>([
    ['is given a moment', named([old(0), member(1), member(2)], { epochAgeMs: 1_000 }), 4_000],
    ['stays when nobody knows more', named([old(0), old(1), old(2)]), undefined],
    ['is left alone once it has led', named([old(0), member(1), member(2)], { hasServed: true }), undefined],
    ['is not judged by what others know of it', named([member(0, { facts: undefined }), member(1), member(2)]), undefined],
  ])('it %s', ([, observed, recheckAfterMs]) => {
    expect(planShard(observed)).toMatchObject({ steps: [], recheckAfterMs });
  });
});

const lost = (missedMs: number) => member(1, { reachable: 'missed', evidence: 'closed', seenByPeers: false, missedMs });

describe('a primary that does not take a lost copy out of the set', () => {
  test('another one leads, which will', () => {
    const { steps } = planShard(shard({ members: [member(0), lost(10_000), member(2)] }));
    expect(steps).toMatchObject([{ kind: 'name-another', epoch: 4, primary: id(2), inSync: [id(0), id(1), id(2)] }]);
    expect(steps[0]?.because).toContain('n0 leads and has not taken n1, which is missed, out of the in-sync set');
  });

  test.for<[string, Partial<ObservedShard>, number | undefined]>([
    ['is given time', { members: [member(0), lost(3_000), member(2)] }, 7_000],
    ['is left alone in a young epoch', { members: [member(0), lost(10_000), member(2)], epochAgeMs: 12_000 }, 18_000],
    ['stays when it is the only one left', { members: [member(0), lost(10_000)], inSync: [id(0), id(1)] }, undefined],
    ['is not stuck when the copy is out of the set', { members: [member(0), member(1), member(2)], inSync: [id(0), id(2)] }, undefined],
  ])('it %s', ([, parts, recheckAfterMs]) => {
    expect(planShard(shard(parts))).toMatchObject({ steps: [], recheckAfterMs });
  });
});
