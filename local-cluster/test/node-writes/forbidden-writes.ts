/** Everything that the policies forbid, once for each rule. */
import { collectionPolicy, shardPolicy } from '@vectorcluster/crds/admission-policy.ts';
import { objectOf, show, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { assigned, inSyncWrites, memberWrites, spec } from './forbidden-members.ts';
import type { ForbiddenWrite } from './forbidden-write.ts';
import { collectionSpec, shardSpec, type NodeSpace } from './node-space.ts';
import { id, inForce, member, membersOf, put } from './shard-writes.ts';

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
    name: 'a node makes a collection of another cluster',
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
        members: [...membersOf(before).slice(0, 1), member('b', space.node('shop-data-1'), { eligibleFromEpoch: 99 })],
      })),
  },
  {
    name: 'a node takes over the entry of another',
    policy: shardPolicy,
    rule: 'entries-of-others-stay',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [...membersOf(before).slice(0, 1), member('b', space.node('shop-data-0'))] })),
  },
  {
    name: 'a node gives its entry to another',
    policy: shardPolicy,
    rule: 'no-entries-for-others',
    attempt: (space) =>
      put(space, 'shop-data-0', (before) => ({ members: [member('a', space.node('shop-data-1')), ...membersOf(before).slice(1)] })),
  },
  {
    name: 'a node appoints itself in the next epoch',
    policy: shardPolicy,
    rule: 'operator-writes-epoch',
    attempt: (space) => put(space, 'shop-data-1', () => ({ epoch: 3, primary: id('b'), inSync: [id('b')] })),
  },
];
