import { describe, expect, test } from 'vitest';
import type { ReplicaSight } from './node-sights.ts';
import { assigned, facts, id, member, shard } from '../../test/observed-shard.ts';
import type { ObservedMember, ObservedShard } from './observed-shard.ts';
import { planShard } from './plan-shard.ts';
import { progressLookMs, standstillAfterMs } from './standstill.ts';

/** Registered before there was an epoch. */
const empty = (ordinal: number, parts: Partial<ObservedMember> = {}) =>
  member(ordinal, { facts: facts(ordinal, { epoch: 0, role: 'following' }), ...parts });
const fresh = { epoch: 0, primary: undefined, inSync: [], minInSync: undefined, members: [empty(0), empty(1), empty(2)] };
const nothingKnown = { reachable: 'unknown', facts: undefined, isPodReady: false } as const;
const gone = { reachable: 'missed', because: 'its Pod is gone', evidence: 'certain', isPodReady: false } as const;
const silent = { reachable: 'missed', evidence: 'silent', because: 'nothing was heard of it for 3 s' } as const;
const closed = { ...silent, evidence: 'closed', because: 'its connection closed' } as const;
const conditionOf = (observed: ObservedShard, type: string) => planShard(observed).conditions.find((each) => each.type === type);

test('a shard that is whole and led needs nothing', () => {
  const plan = planShard(shard());
  expect(plan.steps).toEqual([]);
  expect(plan.conditions).toMatchObject([{ status: 'True', reason: 'PrimaryServes' }, { status: 'False' }, { status: 'False' }]);
});

describe('the first primary', () => {
  test.for<[string, Partial<ObservedShard>]>([
    ['an epoch whose primary nobody knows', { ...fresh, epoch: 3 }],
    ['a copy that has had an epoch', { ...fresh, members: [empty(0), empty(1, { eligibleFromEpoch: 4 }), empty(2)] }],
  ])('copies that need not be empty are not taken for equal: %s', ([, parts]) => {
    expect(planShard(shard(parts)).steps).toEqual([]);
    expect(conditionOf(shard(parts), 'Stalled')).toMatchObject({ status: 'True', reason: 'StatusLost' });
  });

  test('all that registered are in sync, the first of the assignments leads', () => {
    const { steps } = planShard(shard({ ...fresh, assignments: assigned(2, 0, 1) }));
    expect(steps).toMatchObject([{ kind: 'appoint-primary', epoch: 1, primary: id(2), inSync: [id(2), id(0), id(1)], minInSync: 2 }]);
  });

  test.for<[string, Partial<ObservedShard>, string]>([
    ['nobody has registered', { members: [] }, 'n0, n1, n2 has not registered a copy yet'],
    ['a Learner does not count', { assignments: assigned(0), members: [empty(0, { kind: 'Learner' })] }, 'n0 has not registered'],
    ['a copy without an assignment does not count', { assignments: assigned(0), members: [empty(1)] }, 'n0 has not registered'],
    ['a node that is there is waited for', { members: [empty(0), empty(1)], expected: ['n2'] }, 'n2 has not registered a copy yet'],
  ])('%s: wait', ([, parts, because]) => {
    expect(planShard(shard({ ...fresh, ...parts })).steps.filter(({ kind }) => kind === 'appoint-primary')).toEqual([]);
    expect(conditionOf(shard({ ...fresh, ...parts }), 'Ready')?.message).toContain(because);
  });

  test('a node that is not there, or does not register for long, is not waited for', () => {
    const appointed = [{ kind: 'appoint-primary', inSync: [id(0), id(1)] }];
    const members = [empty(0), empty(1)];
    expect(planShard(shard({ ...fresh, members })).steps).toMatchObject(appointed);
    expect(planShard(shard({ ...fresh, members, expected: ['n2'], ageMs: 10_000 })).steps).toMatchObject(appointed);
  });
});

/** With this of the primary. */
const lost = (parts: Partial<ObservedMember>, rest: Partial<ObservedShard> = {}) =>
  shard({ members: [member(0, parts), member(1), member(2)], ...rest });

describe('failover', () => {
  test.for<[string, ObservedShard, object[]]>([
    ['a Pod that is gone', lost(gone), [{ kind: 'fail-over', epoch: 4, primary: id(1), inSync: [id(1), id(2)] }]],
    ['missed by the operator and by a replica', lost({ ...silent, seenByPeers: false }), [{ kind: 'fail-over', primary: id(1) }]],
    ['missed by the operator alone', lost({ ...silent, seenByPeers: true }), []],
    ['missed, and no replica can be asked', lost({ ...silent, seenByPeers: undefined }), []],
    ['missed by a replica alone', lost({ seenByPeers: false }), []],
    ['not known, and not Ready', lost({ reachable: 'unknown', facts: undefined, isPodReady: false }), []],
    ['a process that led and reports without its copy', lost({ facts: undefined }), [{ kind: 'fail-over', primary: id(1) }]],
    ['a process that has not led yet', lost({ facts: undefined }, { hasServed: false }), []],
    ['damaged data', lost({ facts: facts(0, { role: 'barred' }) }), [{ kind: 'fail-over', primary: id(1) }]],
  ])('%s', ([, observed, steps]) => {
    expect(planShard(observed).steps).toMatchObject(steps);
  });

  test('a connection that closed a moment ago is looked at again when it would be missed', () => {
    const plan = planShard(lost({ reachable: 'unknown', missedInMs: 250 }));
    expect(plan).toMatchObject({ steps: [], recheckAfterMs: 250 });
    expect(plan.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
  });

  test.for<[string, Partial<ObservedMember>, Partial<ObservedMember>, number]>([
    ['who has applied most leads', { facts: facts(1, { applied: 5n }) }, {}, 2],
    ['then another zone', { zone: 'a' }, {}, 2],
    ['then the order of assignments', {}, {}, 1],
    ['one that reports goes before one whose Pod is Ready', { reachable: 'unknown', facts: undefined }, {}, 2],
    ['one whose Pod is Ready goes before one of which nothing is known', nothingKnown, { reachable: 'unknown', facts: undefined }, 2],
    ['who is missed does not lead', { ...silent }, {}, 2],
    ['who is damaged does not lead', { facts: facts(1, { role: 'barred', applied: 99n }) }, {}, 2],
    ['whose volume is gone does not lead', { isSuperseded: true }, {}, 2],
  ])('%s', ([, first, second, leader]) => {
    const members = [member(0, gone), member(1, first), member(2, second)];
    expect(planShard(shard({ members })).steps).toMatchObject([{ kind: 'fail-over', primary: id(leader) }]);
  });

  test.for<[string, Partial<ObservedMember>, string]>([
    ['whose process has not opened the copy: its volume may be empty', { facts: undefined }, 'its process has started again'],
    ['whose connection closed a moment ago', { reachable: 'unknown', missedInMs: 250 }, 'its connection closed a moment ago'],
    ['of whom nothing is known', nothingKnown, 'it does not report, and its Pod is not Ready'],
  ])('nobody is named %s', ([, parts, why]) => {
    const observed = shard({ members: [member(0, gone), member(1, parts)], inSync: [id(0), id(1)] });
    expect(planShard(observed).steps).toEqual([]);
    expect(conditionOf(observed, 'Ready')?.message).toContain(`the other copies in sync cannot lead now: n1 (${why}`);
  });

  test('nobody out of sync is ever named, however far it is', () => {
    const members = [member(0, gone), member(1, { facts: facts(1, { applied: 99n }) }), member(2)];
    expect(planShard(shard({ members, inSync: [id(0)] })).steps).toEqual([]);
    const message = conditionOf(shard({ members, inSync: [id(0)] }), 'Ready')?.message;
    expect(message).toContain('no other copy is in sync; no other copy is named, since it may lack acknowledged writes');
    expect(message).toContain('bring n0 back with its volume');
  });

  test('the copies in sync are all gone: wait, and say which to bring back', () => {
    const members = [member(0, gone), member(1, gone), member(2)];
    const observed = shard({ members, inSync: [id(0), id(1)] });
    expect(planShard(observed).steps).toEqual([]);
    expect(conditionOf(observed, 'Ready')?.message).toContain('bring n0 or n1 back with its volume');
  });

  test('every copy that was in sync came back empty: a person is told', () => {
    const superseded = { ...gone, isSuperseded: true };
    const members = [member(0, superseded), member(1, superseded), member(2)];
    expect(conditionOf(shard({ members, inSync: [id(0), id(1)] }), 'Stalled')).toMatchObject({ status: 'True', reason: 'CopyLost' });
  });

  test.for<[string, Partial<ObservedMember>]>([
    ['damaged too', { facts: facts(1, { role: 'barred', because: 'a block is torn' }) }],
    ['empty', { ...gone, isSuperseded: true }],
  ])('the primary is damaged and the other copy in sync is %s: a person is told', ([, other]) => {
    const damaged = member(0, { facts: facts(0, { role: 'barred', because: 'a checksum is wrong' }) });
    const observed = shard({ members: [damaged, member(1, other), member(2)], inSync: [id(0), id(1)] });
    expect(planShard(observed).steps).toEqual([]);
    const stalled = conditionOf(observed, 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'CopyLost' });
    expect(stalled?.message).toContain(`copy ${id(0)} on n0 is barred: a checksum is wrong; `);
  });

  test('the only copy in sync is damaged: its data are kept, and a person is told', () => {
    const observed = lost({ facts: facts(0, { role: 'barred', because: 'a checksum is wrong' }) }, { inSync: [id(0)] });
    expect(planShard(observed).steps).toEqual([]);
    expect(conditionOf(observed, 'Stalled')?.message).toContain('is barred: a checksum is wrong; it was the only copy in sync');
  });

  test.for<[string, Partial<ObservedMember>, object]>([
    ['at once when it is certain', gone, { steps: [{ kind: 'fail-over' }] }],
    ['at once when the data are damaged', { facts: facts(0, { role: 'barred' }) }, { steps: [{ kind: 'fail-over' }] }],
    ['after a short rest when a connection closed', { ...closed, seenByPeers: false }, { steps: [], recheckAfterMs: 6_000 }],
    ['after a long one when nothing was heard', { ...silent, seenByPeers: false }, { steps: [], recheckAfterMs: 26_000 }],
  ])('a second one soon after: %s', ([, parts, plan]) => {
    expect(planShard(lost(parts, { isFailedOver: true, epochAgeMs: 4_000 }))).toMatchObject(plan);
  });
});

describe('a status that was set back', () => {
  test.for<[string, ObservedMember[], RegExp]>([
    ['a copy that reports a later epoch', [member(0), member(1, { facts: facts(1, { epoch: 9 }) }), member(2)], /on n1 has seen epoch 9/],
    ['one that started again with one', [member(0, { eligibleFromEpoch: 10, facts: undefined }), member(1)], /on n0 has seen epoch 9/],
    ['one that is gone, and was primary', [member(0, { ...gone, eligibleFromEpoch: 8 }), member(1), member(2)], /on n0 has seen epoch 7/],
    ['one that only follows', [member(0), member(1, { kind: 'Learner', facts: facts(1, { epoch: 4 }) })], /on n1 has seen epoch 4/],
  ])('nothing is decided, and a person is told: %s', ([, members, because]) => {
    const observed = shard({ members, assignments: assigned(0) });
    expect(planShard(observed).steps).toEqual([]);
    expect(conditionOf(observed, 'Stalled')).toMatchObject({ status: 'True', reason: 'StatusLost' });
    expect(conditionOf(observed, 'Ready')?.status).toBe('False');
    expect(conditionOf(observed, 'Stalled')?.message).toMatch(because);
  });

  test('a process that asks for the next epoch is ahead of nothing', () => {
    expect(planShard(shard({ members: [member(0, { eligibleFromEpoch: 4 }), member(1), member(2)] })).steps).toMatchObject([
      { kind: 'raise-epoch', epoch: 4 },
    ]);
  });
});

describe('a primary whose process started again', () => {
  const again = member(0, { eligibleFromEpoch: 4 });

  test('another replica in sync leads, and it stays in sync', () => {
    const { steps } = planShard(shard({ members: [again, member(1), member(2)] }));
    expect(steps).toMatchObject([{ kind: 'raise-epoch', epoch: 4, primary: id(1), inSync: [id(0), id(1), id(2)] }]);
  });

  test.for<[string, Partial<ObservedShard>]>([
    ['the only one in sync', { members: [again, member(1)], inSync: [id(0)] }],
    ['the only one that is there', { members: [again, member(1, gone)], inSync: [id(0), id(1)] }],
    [
      'the only one whose Pod is Ready',
      { members: [again, member(1, { reachable: 'unknown', isPodReady: false })], inSync: [id(0), id(1)] },
    ],
  ])('%s leads again', ([, parts]) => {
    expect(planShard(shard(parts)).steps).toMatchObject([{ kind: 'raise-epoch', epoch: 4, primary: id(0) }]);
  });
});

const asked = (parts: Partial<ObservedShard> = {}) => shard({ handOff: { target: id(1), epoch: 3 }, handOffAskedMs: 1000, ...parts });
const withPrimary = (parts: Partial<ReplicaSight>) => ({ members: [member(0, { facts: facts(0, parts) }), member(1), member(2)] });

describe('hand-over', () => {
  test('the target leads once the primary says that it holds everything', () => {
    expect(planShard(asked(withPrimary({ drainedTo: id(1) }))).steps).toMatchObject([
      { kind: 'hand-over', epoch: 4, primary: id(1), inSync: [id(0), id(1), id(2)] },
    ]);
  });

  test('until then the shard serves and is looked at again at the deadline', () => {
    const plan = planShard(asked());
    expect(plan).toMatchObject({ steps: [], recheckAfterMs: 4000 });
    expect(plan.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
  });

  test.for<[string, Partial<ObservedShard>, string]>([
    ['the primary does not drain', { handOffAskedMs: 5000 }, 'n0 did not drain within 5 s'],
    ['the target went out of sync', { inSync: [id(0), id(2)] }, 'n1 is not in sync any more'],
    ['the target is gone', { members: [member(0), member(1, gone), member(2)] }, 'n1 cannot lead: its Pod is gone'],
    ['it was asked in another epoch', { handOff: { target: id(1), epoch: 2 } }, 'asked in epoch 2'],
    [
      'what was drained in another epoch does not count',
      { ...withPrimary({ drainedTo: id(1), epoch: 2 }), handOffAskedMs: 5000 },
      'did not drain',
    ],
  ])('%s: it is taken back', ([, parts, because]) => {
    const { steps } = planShard(asked(parts));
    expect(steps).toMatchObject([{ kind: 'withdraw-hand-over' }]);
    expect(steps[0]?.because).toContain(because);
  });

  test('a primary that is gone is failed over, whatever was asked', () => {
    expect(planShard(asked({ members: [member(0, gone), member(1), member(2)] })).steps).toMatchObject([{ kind: 'fail-over' }]);
  });
});

describe('entries of copies that are gone', () => {
  test.for<[string, Partial<ObservedShard>, string[]]>([
    ['no assignment, not in sync', { assignments: assigned(0, 1), inSync: [id(0), id(1)] }, [id(2)]],
    ['no assignment, still in sync', { assignments: assigned(0, 1) }, []],
    [
      'a newer copy took its place',
      { members: [member(0), member(1), member(2, { isSuperseded: true })], inSync: [id(0), id(1)] },
      [id(2)],
    ],
    ['a newer copy took its place, but it is still in sync', { members: [member(0), member(1), member(2, { isSuperseded: true })] }, []],
    ['assigned and merely behind', { inSync: [id(0), id(1)] }, []],
    [
      'all that is left while nobody leads',
      { inSync: [id(0)], assignments: assigned(0, 1), members: [member(0, gone), member(1, gone), member(2)] },
      [],
    ],
    ['what was lost with its status', { inSync: [], primary: undefined, assignments: assigned(0) }, []],
  ])('%s', ([, parts, removed]) => {
    const { steps } = planShard(shard(parts));
    expect(steps.flatMap((step) => (step.kind === 'remove-member' ? [step.replicaId] : []))).toEqual(removed);
  });
});

test.for<[string, Partial<ObservedShard>, number[]]>([
  ['lower at once', { wanted: { replicationFactor: 3, minInSync: 1, readReplicas: 0 } }, [1]],
  ['higher when so many are in sync', { wanted: { replicationFactor: 3, minInSync: 3, readReplicas: 0 } }, [3]],
  ['not while it would stop writes', { wanted: { replicationFactor: 3, minInSync: 3, readReplicas: 0 }, inSync: [id(0), id(1)] }, []],
])('minInSync: %s', ([, parts, values]) => {
  const { steps } = planShard(shard(parts));
  expect(steps.flatMap((step) => (step.kind === 'set-min-in-sync' ? [step.minInSync] : []))).toEqual(values);
});

test.for<[string, Partial<ObservedShard>, object, RegExp]>([
  [
    'too few in sync for a write',
    { inSync: [id(0)] },
    { status: 'False', reason: 'BelowMinInSync' },
    /1 of 3 copies in sync.*lower minInSync/,
  ],
  [
    'a primary that has not taken its epoch',
    { members: [member(0, { facts: facts(0, { epoch: 2 }) }), member(1), member(2)] },
    { status: 'False', reason: 'NoPrimaryServes' },
    /n0 has not taken the lead of epoch 3 yet/,
  ],
  [
    'nobody reports: its Pod counts',
    { members: [member(0, { reachable: 'unknown', facts: undefined })], inSync: [id(0)], minInSync: 1 },
    { status: 'True' },
    /n0 is primary in epoch 3/,
  ],
  [
    'a primary that is no member',
    { members: [member(1), member(2)], inSync: [id(1), id(2)] },
    { status: 'False' },
    /nobody knows who leads epoch 3/,
  ],
])('Ready: %s', ([, parts, condition, message]) => {
  const ready = conditionOf(shard(parts), 'Ready');
  expect(ready).toMatchObject(condition);
  expect(ready?.message).toMatch(message);
});

test.for<[string, number | undefined, object, number | undefined]>([
  ['comes further', 1_000, { reason: 'CopiesMissing', message: '2 of 3 copies in sync (n2 follows)' }, progressLookMs],
  ['stands still', standstillAfterMs, { reason: 'CopyStandsStill' }, undefined],
])('a copy that is being made %s', ([, standstillMs, reconciling, recheckAfterMs]) => {
  const observed = shard({ members: [member(0), member(1), member(2, { standstillMs })], inSync: [id(0), id(1)] });
  expect(conditionOf(observed, 'Reconciling')).toMatchObject({ status: 'True', ...reconciling });
  expect(planShard(observed).recheckAfterMs).toBe(recheckAfterMs);
});

test.for<[string, Partial<ObservedShard>]>([
  ['assigned', { assignments: assigned(0, 1, 2, 3) }],
  ['still in sync', { members: [member(0), member(1), member(2), member(3)], inSync: [id(0), id(1), id(2), id(3)] }],
])('a shard with a copy too many that is %s is not done', ([, parts]) => {
  const reconciling = conditionOf(shard(parts), 'Reconciling');
  expect(reconciling).toMatchObject({ status: 'True', reason: 'CopiesLeaving', message: '4 copies, of which 3 are wanted' });
});
