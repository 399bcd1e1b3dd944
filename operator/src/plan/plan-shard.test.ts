import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObservedShard } from './observed-shard.ts';
import { planShard } from './plan-shard.ts';

const [ours, other] = ['1'.repeat(32), '2'.repeat(32)];
const member = (parts: Partial<Member> = {}): Member => ({
  replicaId: ours,
  node: 'n0',
  podUid: 'p0',
  zone: 'a',
  kind: 'Voter',
  eligibleFromEpoch: 1,
  ...parts,
});
const shard = (parts: Partial<ObservedShard> = {}): ObservedShard => ({
  name: 's',
  assignments: [{ node: 'n0', kind: 'Voter' }],
  epoch: 1,
  primary: ours,
  inSync: [ours],
  members: [member()],
  nodes: new Map([['n0', { podUid: 'p0', isReady: true }]]),
  ...parts,
});
const fresh = { epoch: 0, primary: undefined, inSync: [] };

test.for<[string, ObservedShard, string]>([
  ['no member yet', shard({ ...fresh, members: [] }), 'n0 has not registered a copy yet'],
  ['a member on a node that has no assignment', shard({ ...fresh, members: [member({ node: 'n9' })] }), 'n0 has not registered a copy yet'],
  ['a learner', shard({ ...fresh, members: [member({ kind: 'Learner' })] }), 'n0 has not registered a copy yet'],
  ['a primary that is no member', shard({ members: [member({ replicaId: other })] }), 'never guess another'],
  ['a Pod that is gone', shard({ nodes: new Map() }), 'the Pod of n0 is gone'],
  [
    'a Pod that has not registered',
    shard({ nodes: new Map([['n0', { podUid: 'p1', isReady: true }]]) }),
    'the new Pod of n0 has not registered',
  ],
  ['a node that is not Ready', shard({ nodes: new Map([['n0', { podUid: 'p0', isReady: false }]]) }), 'n0 is not Ready'],
])('%s: wait', ([, observed, because]) => {
  const plan = planShard(observed);
  expect(plan.steps).toEqual([]);
  const ready = plan.conditions.find(({ type }) => type === 'Ready');
  expect(ready?.status).toBe('False');
  expect(ready?.message).toContain(because);
});

test('an empty copy does not take the place of one that was lost', () => {
  const members = [member(), member({ replicaId: other, podUid: 'p1' })];
  const { steps, conditions } = planShard(shard({ members, nodes: new Map([['n0', { podUid: 'p1', isReady: true }]]) }));
  expect(steps).toEqual([]);
  expect(conditions.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'CopyLost' });
});

test('the first copy that registers is the first primary', () => {
  const { steps } = planShard(shard(fresh));
  expect(steps).toMatchObject([{ kind: 'appoint-primary', epoch: 1, primary: ours, inSync: [ours], minInSync: 1 }]);
});

test('a primary whose process started again gets a new epoch', () => {
  const { steps } = planShard(shard({ epoch: 4, members: [member({ eligibleFromEpoch: 5 })] }));
  expect(steps).toMatchObject([{ kind: 'raise-epoch', epoch: 5, primary: ours, inSync: [ours] }]);
});

test('a primary that serves is left alone', () => {
  expect(planShard(shard())).toMatchObject({
    steps: [],
    conditions: [{ type: 'Ready', status: 'True' }, { status: 'False' }, { status: 'False' }],
  });
});

test('whatever is observed: an epoch grows by one, the primary was in sync or is the first, and it comes to rest', () => {
  const observed = fc
    .record({
      epoch: fc.nat(5),
      hasPrimary: fc.boolean(),
      members: fc.array(fc.record({ replicaId: fc.constantFrom(ours, other), eligibleFromEpoch: fc.integer({ min: 1, max: 8 }) }), {
        maxLength: 2,
      }),
    })
    .map(({ epoch, hasPrimary, members }) =>
      shard({ ...(hasPrimary && epoch > 0 ? { epoch } : fresh), members: members.map((parts) => member(parts)) }),
    );
  fc.assert(
    fc.property(observed, (given) => {
      let current = given;
      for (let turn = 0; turn < 12; turn++) {
        const [step] = planShard(current).steps;
        if (step === undefined) return;
        expect(step.epoch).toBe(current.epoch + 1);
        expect(current.inSync.length === 0 || current.inSync.includes(step.primary)).toBe(true);
        expect(step.inSync).toContain(step.primary);
        current = { ...current, ...step };
      }
      throw new Error('it does not come to rest');
    }),
  );
});
