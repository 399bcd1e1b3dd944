/** Forbidden writes of the two fields that nodes have a part in: members and inSync. */
import { shardPolicy } from '@vectorcluster/crds/admission-policy.ts';
import type { JsonObject } from '../../src/api-server/core/json.ts';
import type { ForbiddenWrite } from './forbidden-write.ts';
import { id, inForce, member, membersOf, put } from './shard-writes.ts';

export const spec = (assignments: JsonObject[]): { readonly spec: JsonObject } => ({ spec: { assignments } });
export const assigned = (node: string, kind = 'Voter'): JsonObject => ({ node, kind });

export const memberWrites: readonly ForbiddenWrite[] = [
  {
    name: 'a node removes the entry of another',
    policy: shardPolicy,
    rule: 'entries-of-others-stay',
    attempt: (space) => {
      const learner = member('c', 'shop-data-2', { kind: 'Learner' });
      const before = inForce(space);
      const status = { ...before, members: [...membersOf(before), learner] };
      return put(space, 'shop-data-0', () => ({ members: membersOf(before) }), { status });
    },
  },
  {
    name: 'a node registers another',
    policy: shardPolicy,
    rule: 'no-entries-for-others',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [...membersOf(before), member('c', 'shop-data-2', { kind: 'Learner' })] })),
  },
  {
    name: 'a node removes an earlier entry of its own',
    policy: shardPolicy,
    rule: 'own-entries-stay',
    attempt: (space) => {
      const before = inForce(space);
      const status = { ...before, members: [...membersOf(before), member('e', space.node('shop-data-0'))] };
      return put(space, 'shop-data-0', () => ({ members: membersOf(before) }), { status });
    },
  },
  {
    name: 'a node speaks for an earlier Pod of its name',
    policy: shardPolicy,
    rule: 'own-pod',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({
        members: [member('a', space.node('shop-data-0'), { podUid: 'earlier', eligibleFromEpoch: 3 }), ...membersOf(before).slice(1)],
      })),
  },
  {
    name: 'a node registers for a shard that is not assigned to it',
    policy: shardPolicy,
    rule: 'assigned',
    attempt: (space) =>
      put(space, 'shop-data-0', () => ({ members: [member('a', space.node('shop-data-0'))] }), {
        status: {},
        ...spec([assigned('shop-data-1')]),
      }),
  },
  {
    name: 'a node that is to learn registers as a voter',
    policy: shardPolicy,
    rule: 'assigned',
    part: ' && a.kind == m.kind',
    attempt: (space) =>
      put(space, 'shop-data-0', () => ({ members: [member('a', space.node('shop-data-0'))] }), {
        status: {},
        ...spec([assigned('shop-data-0', 'Learner')]),
      }),
  },
  {
    name: 'a learner makes itself a voter',
    policy: shardPolicy,
    rule: 'assigned',
    part: ' && b.kind == m.kind',
    attempt: (space) =>
      put(space, 'shop-data-0', () => ({ members: [member('a', space.node('shop-data-0'))] }), {
        status: { members: [member('a', space.node('shop-data-0'), { kind: 'Learner' })] },
        ...spec([assigned('shop-data-0', 'Learner')]),
      }),
  },
];

export const inSyncWrites: readonly ForbiddenWrite[] = [
  {
    name: 'a follower shrinks the in-sync set',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    attempt: (space) => put(space, 'shop-data-1', () => ({ inSync: [id('a')] })),
  },
  {
    name: 'a follower expands the in-sync set by itself',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    part: 'variables.inSync.all(r, r in variables.inSyncBefore) && ',
    attempt: (space) =>
      put(space, 'shop-data-1', () => ({ inSync: [id('a'), id('b')] }), { status: inForce(space, { inSync: [id('a')] }) }),
  },
  {
    name: 'a Pod that took the place of the primary shrinks the in-sync set before it registered',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    part: ' && m.podUid == variables.podUid',
    attempt: (space) =>
      put(space, 'shop-data-0', () => ({ inSync: [id('a')] }), {
        status: inForce(space, {
          members: [member('a', space.node('shop-data-0'), { podUid: 'earlier' }), member('b', space.node('shop-data-1'))],
        }),
      }),
  },
  {
    name: 'a restarted primary shrinks the in-sync set in the epoch before its own',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    part: ' && m.eligibleFromEpoch <= oldObject.status.epoch',
    attempt: (space) =>
      put(space, 'shop-data-0', () => ({ inSync: [id('a')] }), {
        status: inForce(space, {
          members: [member('a', space.node('shop-data-0'), { eligibleFromEpoch: 3 }), member('b', space.node('shop-data-1'))],
        }),
      }),
  },
  {
    name: 'a follower shrinks another out of the in-sync set',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    part: ' && variables.inSyncBefore.all(r, r in variables.inSync)',
    attempt: (space) => put(space, 'shop-data-1', () => ({ inSync: [id('a')] })),
  },
  {
    name: 'a node that is in sync takes itself for the primary',
    policy: shardPolicy,
    rule: 'primary-writes-in-sync',
    part: "m.replicaId == oldObject.?status.?primary.orValue('') && ",
    attempt: (space) =>
      put(space, 'shop-data-1', () => ({ inSync: [id('a'), id('b')] }), {
        status: inForce(space, {
          inSync: [id('a'), id('b'), id('c')],
          members: [member('a', space.node('shop-data-0')), member('b', space.node('shop-data-1')), member('c', 'shop-data-2')],
        }),
      }),
  },
];
