/** One write for each thing that the policies forbid, such that nothing else forbids it. */
import type { NodePolicy } from '@vectorcluster/crds/admission-policy.ts';
import { collectionPolicy, shardPolicy } from '@vectorcluster/crds/admission-policy.ts';
import { nodeAccountName } from '@vectorcluster/crds/names.ts';
import { objectOf, show, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { collectionSpec, shardSpec, type NodeIdentity, type NodeSpace } from './node-space.ts';

export interface ForbiddenWrite {
  readonly name: string;
  readonly policy: NodePolicy;
  /** That forbids it: without the rule the write passes. */
  readonly rule: string;
  /** Of the rule's expression: without this part the write passes. The whole rule when left out. */
  readonly part?: string;
  readonly attempt: (space: NodeSpace) => Promise<Reply>;
}

export const id = (digit: string): string => digit.repeat(32);

export function member(digit: string, node: NodeIdentity | string, changes: JsonObject = {}): JsonObject {
  const pod = typeof node === 'string' ? { node, podUid: `pod-of-${node}` } : { node: node.name, podUid: node.podUid };
  return { replicaId: id(digit), ...pod, zone: 'a', kind: 'Voter', eligibleFromEpoch: 1, ...changes };
}

/** Epoch 2; primary is a on shop-data-0, b on shop-data-1 is in sync too. */
export function inForce(space: NodeSpace, changes: JsonObject = {}): JsonObject {
  return {
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True', reason: 'Serving', message: 'serves', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    epoch: 2,
    primary: id('a'),
    inSync: [id('a'), id('b')],
    minInSync: 1,
    members: [member('a', space.node('shop-data-0')), member('b', space.node('shop-data-1'))],
    ...changes,
  };
}

/** `writer` puts a status over `before`. */
async function put(
  space: NodeSpace,
  writer: string,
  change: (before: JsonObject) => JsonObject,
  start: { readonly status?: JsonObject; readonly spec?: JsonObject } = {},
): Promise<Reply> {
  const before = start.status ?? inForce(space);
  const shard = await space.shard({ ...shardSpec, ...start.spec }, before);
  return space.putStatus(space.node(writer).token, shard, { ...before, ...change(before) });
}

const members = (status: JsonObject): JsonObject[] => (Array.isArray(status['members']) ? status['members'].map(objectOf) : []);

const operatorFields: Readonly<Record<string, JsonObject>> = {
  observedGeneration: { observedGeneration: 9 },
  conditions: { conditions: [] },
  epoch: { epoch: 3 },
  minInSync: { minInSync: 2 },
  handOff: { handOff: { target: id('b'), epoch: 2 } },
  primaryNode: { primaryNode: 'shop-data-1' },
  copiesInSync: { copiesInSync: '9/9' },
};

const fieldWrites: readonly ForbiddenWrite[] = [
  ...Object.entries(operatorFields).map(([field, change]) => ({
    name: `the primary writes ${field}`,
    policy: shardPolicy,
    rule: `operator-writes-${field}`,
    attempt: (space: NodeSpace) => put(space, 'shop-data-0', () => change),
  })),
  {
    name: 'a node appoints itself the first primary',
    policy: shardPolicy,
    rule: 'operator-writes-primary',
    attempt: (space) => {
      const { primary: _none, epoch: _zero, ...status } = inForce(space);
      return put(space, 'shop-data-0', () => ({ primary: id('a') }), { status });
    },
  },
];

const spec = (assignments: JsonObject[]): { readonly spec: JsonObject } => ({ spec: { assignments } });
const assigned = (node: string, kind = 'Voter'): JsonObject => ({ node, kind });

const memberWrites: readonly ForbiddenWrite[] = [
  {
    name: 'a node removes the entry of another',
    policy: shardPolicy,
    rule: 'entries-of-others-stay',
    attempt: (space) => {
      const learner = member('c', 'shop-data-2', { kind: 'Learner' });
      const before = inForce(space);
      const status = { ...before, members: [...members(before), learner] };
      return put(space, 'shop-data-0', () => ({ members: members(before) }), { status });
    },
  },
  {
    name: 'a node registers another',
    policy: shardPolicy,
    rule: 'no-entries-for-others',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [...members(before), member('c', 'shop-data-2', { kind: 'Learner' })] })),
  },
  {
    name: 'a node removes an earlier entry of its own',
    policy: shardPolicy,
    rule: 'own-entries-stay',
    attempt: (space) => {
      const before = inForce(space);
      const status = { ...before, members: [...members(before), member('e', space.node('shop-data-0'))] };
      return put(space, 'shop-data-0', () => ({ members: members(before) }), { status });
    },
  },
  {
    name: 'a node speaks for an earlier Pod of its name',
    policy: shardPolicy,
    rule: 'own-pod',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({
        members: [member('a', space.node('shop-data-0'), { podUid: 'earlier', eligibleFromEpoch: 3 }), ...members(before).slice(1)],
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

const inSyncWrites: readonly ForbiddenWrite[] = [
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

async function change(space: NodeSpace, method: 'PUT' | 'DELETE'): Promise<Reply> {
  const shard = await space.shard(shardSpec, inForce(space));
  const { token } = space.node('shop-data-0');
  const metadata = objectOf(shard['metadata']);
  const path = space.path('vectorshards', show(metadata['name']));
  if (method === 'DELETE') return space.send('DELETE', path, { token });
  return space.send('PUT', path, { token, body: { ...shard, metadata: { ...metadata, labels: { a: 'b' } } } });
}

const identityWrites: readonly ForbiddenWrite[] = [
  { name: 'a node writes the object itself', policy: shardPolicy, rule: 'status-only', attempt: (space) => change(space, 'PUT') },
  {
    name: 'a token without a Pod writes, even if it changes nothing',
    policy: shardPolicy,
    rule: 'bound-token',
    attempt: async (space) => {
      const shard = await space.shard(shardSpec, inForce(space));
      return space.putStatus(space.unboundToken, shard, inForce(space));
    },
  },
  {
    name: 'a node of another cluster registers',
    policy: shardPolicy,
    rule: 'own-cluster',
    attempt: (space) =>
      put(space, 'other-data-0', () => ({ members: [member('a', space.node('other-data-0'))] }), {
        status: {},
        ...spec([assigned('other-data-0')]),
      }),
  },
];

const createCollection = (space: NodeSpace, writer: string | undefined, name: string): Promise<Reply> =>
  space.send('POST', space.path('vectorcollections'), {
    ...(writer !== undefined && { token: space.node(writer).token }),
    body: { apiVersion: 'vectorcluster.io/v1', kind: 'VectorCollection', metadata: { name }, spec: collectionSpec },
  });

const collectionWrites: readonly ForbiddenWrite[] = [
  {
    name: `a node of another cluster than its ServiceAccount's makes a collection (${nodeAccountName('other')})`,
    policy: collectionPolicy,
    rule: 'own-cluster',
    attempt: (space) => createCollection(space, 'other-data-0', 'made'),
  },
  {
    name: 'a node deletes a collection of another cluster',
    policy: collectionPolicy,
    rule: 'own-cluster',
    attempt: async (space) => {
      await createCollection(space, undefined, 'deleted');
      return space.send('DELETE', space.path('vectorcollections', 'deleted'), { token: space.node('other-data-0').token });
    },
  },
  {
    name: 'a node writes the status of a collection',
    policy: collectionPolicy,
    rule: 'no-status',
    attempt: async (space) => {
      const { body } = await createCollection(space, undefined, 'judged');
      const path = space.path('vectorcollections', 'judged', 'status');
      return space.send('PUT', path, { token: space.node('shop-data-0').token, body: { ...body, status: { shardsReady: '9/9' } } });
    },
  },
];

export const forbiddenWrites: readonly ForbiddenWrite[] = [
  ...identityWrites,
  ...fieldWrites,
  ...memberWrites,
  ...inSyncWrites,
  ...collectionWrites,
];

/** Forbidden by more than one rule; refused with the words of the first. */
export const forbiddenTwice: readonly ForbiddenWrite[] = [
  { name: 'a node deletes a shard', policy: shardPolicy, rule: 'status-only', attempt: (space) => change(space, 'DELETE') },
  {
    name: 'a node changes the entry of another',
    policy: shardPolicy,
    rule: 'entries-of-others-stay',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({
        members: [...members(before).slice(0, 1), member('b', space.node('shop-data-1'), { eligibleFromEpoch: 99 })],
      })),
  },
  {
    name: 'a node takes over the entry of another',
    policy: shardPolicy,
    rule: 'entries-of-others-stay',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [...members(before).slice(0, 1), member('b', space.node('shop-data-0'))] })),
  },
  {
    name: 'a node gives its entry to another',
    policy: shardPolicy,
    rule: 'no-entries-for-others',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [member('a', space.node('shop-data-1')), ...members(before).slice(1)] })),
  },
  {
    name: 'a node appoints itself in the next epoch',
    policy: shardPolicy,
    rule: 'operator-writes-epoch',
    attempt: (space) => put(space, 'shop-data-1', () => ({ epoch: 3, primary: id('b'), inSync: [id('b')] })),
  },
];
