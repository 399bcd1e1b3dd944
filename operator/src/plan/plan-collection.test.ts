import { shardObjectName } from '@vectorcluster/crds/names.ts';
import { expect, test } from 'vitest';
import { hashRange } from './hash-range.ts';
import type { ObservedCollection, ObservedHome, ObservedPlace } from './observed-collection.ts';
import { planCollection } from './plan-collection.ts';

const node = (ordinal: number, parts: Partial<ObservedPlace> = {}): ObservedPlace => ({
  name: `n${ordinal}`,
  zone: ['a', 'b', 'c'][ordinal % 3] ?? 'a',
  state: 'ready',
  copies: 0,
  leads: 0,
  ...parts,
});
const home = (parts: Partial<ObservedHome> = {}): ObservedHome => ({
  isAdopted: true,
  defaults: { shards: 2, replicationFactor: 1, minInSync: 1, readReplicas: 0 },
  nodesWanted: 2,
  readersWanted: 0,
  isStalled: false,
  nodes: [node(0), node(1)],
  readers: [],
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
    voters: 1,
    learners: 0,
    moves: [],
    inSync: 1,
    points: index * 10,
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
  [
    'writes that nobody could acknowledge',
    { spec: { ...collection().spec, replicationFactor: 3, minInSync: 3 } },
    'TooFewNodes',
    /minInSync is 3, but 2 Data nodes are asked for.*set replicas of a Data pool to at least 3, or minInSync to 2/,
  ],
  [
    'another number of shards',
    { spec: { ...collection().spec, shards: 4 }, shards: shardsOf(2, [0, 1]), shardsSeen: 2 },
    'ReshardingNotSupported',
    /spec\.shards is 4, but the collection has 2/,
  ],
  ['a deleted shard', { shards: shardsOf(2, [0]), shardsSeen: 2 }, 'ShardDeleted', /were deleted by hand/],
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
    copies: { wanted: 2, inSync: 2 },
    points: 10,
    shardsReady: '2/2',
    conditions: [{ status: 'True' }, { status: 'False' }, {}, { type: 'FullyReplicated', status: 'True' }],
  });
});

test('copies are in distinct zones, n0 and n3 share one, and what nodes are to lead goes round', () => {
  const spec = { ...collection().spec, shards: 3, replicationFactor: 3 };
  const nodes = [node(0), node(1), node(2), node(3)];
  const voters = placed(collection({ spec, cluster: home({ nodesWanted: 4, nodes }) }));
  expect(voters).toEqual(['n0,n1,n2', 'n1,n3,n2', 'n2,n0,n1']);
});

test('readers get Learners', () => {
  const spec = { ...collection().spec, shards: 1, readReplicas: 1 };
  const { steps } = planCollection(collection({ spec, cluster: home({ readers: [node(7), node(8, { state: 'down' })] }) }));
  expect(steps).toMatchObject([
    {
      assignments: [
        { node: 'n0', kind: 'Voter' },
        { node: 'n7', kind: 'Learner' },
      ],
    },
  ]);
});

test('fewer nodes than copies: what is possible is placed, and the numbers and the remedy are told', () => {
  const observed = collection({ spec: { ...collection().spec, replicationFactor: 3, minInSync: 2, readReplicas: 1 } });
  expect(placed(observed)).toEqual(['n0,n1', 'n1,n0']);
  const condition = planCollection({ ...observed, shards: shardsOf(2, [0, 1]), shardsSeen: 2 }).conditions.find(
    ({ type }) => type === 'FullyReplicated',
  );
  expect(condition).toMatchObject({ status: 'False', reason: 'TooFewNodes' });
  expect(condition?.message).toContain('replicationFactor is 3, but 2 Data nodes are asked for');
  expect(condition?.message).toContain('set replicas of a Data pool to at least 3, or replicationFactor to 2');
  expect(condition?.message).toContain('readReplicas is 1, but there are 0 nodes with role Read');
  expect(condition?.message).toContain('0 of 2 shards have 3 copies in sync and 1 for reads');
});

const threeCopies = { ...collection().spec, replicationFactor: 3 };
const settled = { shards: shardsOf(2, [0, 1]), shardsSeen: 2 };

test.for<[string, Partial<ObservedCollection>, string]>([
  ['copies that are on their way', { ...settled, spec: threeCopies, cluster: home({ nodesWanted: 3 }) }, 'Reconciling CopiesMissing'],
  ['too few nodes for the copies', { ...settled, spec: threeCopies }, 'Stalled TooFewNodes'],
  [
    'too few nodes, while nothing is served yet',
    { spec: threeCopies, shards: shardsOf(2, [0, 1]).map((shard) => ({ ...shard, isReady: false })) },
    'Reconciling ShardNotReady',
  ],
  ['a copy too many', { ...settled, shards: shardsOf(2, [0, 1]).map((shard) => ({ ...shard, inSync: 2 })) }, 'Reconciling CopiesLeaving'],
  [
    'a copy that moves and has not arrived',
    { ...settled, shards: shardsOf(2, [0, 1]).map((shard) => ({ ...shard, moves: [{ from: 'n0', to: 'n1' }] })) },
    'Reconciling CopiesMoving',
  ],
  [
    'readers that are asked for and not there yet',
    { ...settled, spec: { ...collection().spec, readReplicas: 1 }, cluster: home({ readersWanted: 1 }) },
    'Reconciling CopiesMissing',
  ],
])('%s: a collection that serves is not done', ([, parts, told]) => {
  const { conditions } = planCollection(collection(parts));
  const abnormal = conditions.filter(({ type, status }) => status === 'True' && (type === 'Reconciling' || type === 'Stalled'));
  expect(abnormal.map(({ type, reason }) => `${type} ${reason}`)).toEqual([told]);
});

test.for([{ inSync: 2 }, { moves: [{ from: 'n0', to: 'n1' }] }])('while copies leave, none is missing: %o', (parts) => {
  const shards = shardsOf(2, [0, 1]).map((shard) => ({ ...shard, ...parts }));
  const { conditions } = planCollection(collection({ ...settled, shards }));
  expect(conditions.find(({ type }) => type === 'FullyReplicated')).toMatchObject({ status: 'True' });
});

test('points are not known while one primary does not report', () => {
  const shards = shardsOf(2, [0, 1]).map((shard, index) => (index === 0 ? shard : { ...shard, points: undefined }));
  expect(planCollection(collection({ shards, shardsSeen: 2 })).points).toBeUndefined();
});

test('a node that is down for the moment gets the copy that no other can hold, and leads nothing', () => {
  const nodes = [node(0, { state: 'down' }), node(1), node(2)];
  const spec = { ...collection().spec, replicationFactor: 3 };
  expect(placed(collection({ spec, cluster: home({ nodesWanted: 3, nodes }) }))).toEqual(['n1,n2,n0', 'n2,n1,n0']);
});
