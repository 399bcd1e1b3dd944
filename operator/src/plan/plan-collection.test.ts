import { shardObjectName } from '@vectorcluster/crds/names.ts';
import { expect, test } from 'vitest';
import { hashRange } from './hash-range.ts';
import type { ObservedCollection, ObservedDataNode, ObservedHome } from './observed-collection.ts';
import { planCollection } from './plan-collection.ts';

const node = (ordinal: number, parts: Partial<ObservedDataNode> = {}): ObservedDataNode => ({
  name: `n${ordinal}`,
  zone: ['a', 'b', 'c'][ordinal % 3] ?? 'a',
  state: 'ready',
  copies: 0,
  ...parts,
});
const home = (parts: Partial<ObservedHome> = {}): ObservedHome => ({
  isAdopted: true,
  defaults: { shards: 2, replicationFactor: 1, minInSync: 1, readReplicas: 0 },
  nodesWanted: 2,
  isStalled: false,
  nodes: [node(0), node(1)],
  ...parts,
});
const collection = (parts: Partial<ObservedCollection> = {}): ObservedCollection => ({
  name: 'shop-x',
  uid: 'u1',
  spec: { clusterName: 'shop', collection: 'x', vectors: [] },
  cluster: home(),
  takenBy: undefined,
  shardsSeen: 0,
  shards: [],
  ...parts,
});
const shardsOf = (count: number, indexes: readonly number[]) =>
  indexes.map((index) => ({
    name: shardObjectName('shop-x', 'u1', index),
    hashRange: hashRange(index, count),
    isReady: true,
    notReadyBecause: '',
  }));
const placed = (observed: ObservedCollection) =>
  planCollection(observed).steps.flatMap((step) =>
    step.kind === 'create-shard' ? [step.assignments.map((each) => each.node).join()] : [],
  );

test.for<[string, ObservedCollection, string[]]>([
  ["as many as the cluster's default", collection(), ['n0', 'n1']],
  ['as many as it says itself', collection({ spec: { ...collection().spec, shards: 3 } }), ['n0', 'n1', 'n0']],
  ['on the nodes with fewest copies', collection({ cluster: home({ nodes: [node(0, { copies: 5 }), node(1)] }) }), ['n1', 'n1']],
  ['not on a node that is down', collection({ cluster: home({ nodes: [node(0, { state: 'down' }), node(1)] }) }), ['n1', 'n1']],
  ['only those missing of a cut that exists, whatever the default is now', collection({ shards: shardsOf(3, [0, 2]) }), ['n0']],
  ['none while a node is starting', collection({ cluster: home({ nodes: [node(0), node(1, { state: 'starting' })] }) }), []],
  ['none while nodes are still to be made', collection({ cluster: home({ nodesWanted: 3 }) }), []],
  [
    'yet a cluster that cannot get its nodes is not waited for',
    collection({ cluster: home({ nodesWanted: 3, isStalled: true }) }),
    ['n0', 'n1'],
  ],
  ['none when all are down', collection({ cluster: home({ nodesWanted: 1, nodes: [node(0, { state: 'down' })] }) }), []],
])('shards are made: %s', ([, observed, nodes]) => {
  expect(placed(observed)).toEqual(nodes);
});

test.for<[string, Partial<ObservedCollection>, string, RegExp]>([
  ['a name that is taken', { takenBy: { object: 'other', name: 'x' } }, 'NameTaken', /older VectorCollection other/],
  ['copies', { spec: { ...collection().spec, replicationFactor: 2 } }, 'CopiesNotSupported', /spec\.replicationFactor is 2/],
  [
    'copies by default',
    { cluster: home({ defaults: { ...home().defaults, readReplicas: 1 } }) },
    'CopiesNotSupported',
    /spec\.collectionDefaults\.readReplicas of VectorCluster shop is 1/,
  ],
  [
    'another number of shards',
    { spec: { ...collection().spec, shards: 4 }, shards: shardsOf(2, [0, 1]), shardsSeen: 2 },
    'ReshardingNotSupported',
    /spec\.shards is 4, but the collection has 2/,
  ],
  ['a deleted shard', { shards: shardsOf(2, [0]), shardsSeen: 2 }, 'ShardDeleted', /were deleted, and with them their points/],
])('%s: Stalled with a remedy, and no shard is made', ([, parts, reason, message]) => {
  const observed = collection(parts);
  const stalled = planCollection(observed).conditions.find(({ type }) => type === 'Stalled');
  expect(stalled).toMatchObject({ status: 'True', reason });
  expect(stalled?.message).toMatch(message);
  expect(placed(observed)).toEqual([]);
});

test('a collection whose cluster is missing waits for it and says so', () => {
  const plan = planCollection(collection({ cluster: undefined }));
  expect(plan.steps).toMatchObject([{ kind: 'wait', object: 'shop' }]);
  expect(plan.conditions.find(({ type }) => type === 'Reconciling')?.message).toContain('there is no VectorCluster shop');
});

test('a whole collection is Ready and needs nothing', () => {
  const plan = planCollection(collection({ shards: shardsOf(2, [0, 1]), shardsSeen: 2 }));
  expect(plan).toMatchObject({
    steps: [],
    shards: { total: 2, ready: 2 },
    shardsReady: '2/2',
    conditions: [{ status: 'True' }, { status: 'False' }, {}],
  });
});
