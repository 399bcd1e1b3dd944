import { describe, expect, test } from 'vitest';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { TopologyBuilder, type ClusterObjects, type NodePod } from './build-topology.ts';
import { primariesOn, shows } from './observe.ts';

const pods: readonly NodePod[] = [
  { name: 'shop-data-0', ip: '127.7.1.1' },
  { name: 'shop-data-1', ip: undefined },
];

const build = (objects: ClusterObjects) => new TopologyBuilder('shop').build(objects);

interface CollectionChanges {
  readonly spec?: Partial<VectorCollection['spec']>;
  readonly metadata?: Partial<VectorCollection['metadata']>;
  readonly status?: VectorCollection['status'];
}

function collection(name: string, { spec, metadata, status }: CollectionChanges = {}): VectorCollection {
  return {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorCollection',
    metadata: { name: `shop-${name}`, uid: `uid-${name}`, generation: 1, creationTimestamp: '2026-11-21T10:00:00Z', ...metadata },
    spec: {
      clusterName: 'shop',
      collection: name,
      vectors: [{ name: '', size: 4, distance: 'Dot', hnsw: { efConstruct: 50 } }],
      hnsw: { m: 8, efConstruct: 64 },
      ...spec,
    },
    status,
  };
}

function shard(owner: string, index: number, half: 'low' | 'high', status?: VectorShardStatus): VectorShard {
  const hashRange =
    half === 'low' ? { first: '0000000000000000', last: '7fffffffffffffff' } : { first: '8000000000000000', last: 'ffffffffffffffff' };
  return {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorShard',
    metadata: {
      name: `${owner}-${index}`,
      uid: `shard-${owner}-${index}`,
      ownerReferences: [
        { apiVersion: 'vectorcluster.io/v1', kind: 'VectorCollection', name: owner, uid: `uid-${owner}`, controller: true },
      ],
    },
    spec: {
      clusterName: 'shop',
      collection: owner,
      vectorCollection: owner,
      hashRange,
      assignments: [{ node: 'shop-data-0', kind: 'Voter' }],
    },
    status,
  };
}

function primaryOn(node: string, epoch = 1): VectorShardStatus {
  const replicaId = 'a'.repeat(32);
  const members = [{ replicaId, node, podUid: 'p', zone: 'a', kind: 'Voter' as const, eligibleFromEpoch: 1 }];
  return { epoch, primary: replicaId, inSync: [replicaId], members };
}

test('a collection has its shards by hash, each with its primary and where that is', () => {
  const { collections } = build({
    collections: [collection('books')],
    shards: [shard('books', 1, 'high', primaryOn('shop-data-1')), shard('books', 0, 'low', primaryOn('shop-data-0', 3))],
    pods,
  });
  expect(collections.get('books')).toMatchObject({
    objectName: 'shop-books',
    complete: true,
    shards: [
      { uid: 'shard-books-0', epoch: 3n, first: 0n, primary: { node: 'shop-data-0', address: '127.7.1.1' } },
      { uid: 'shard-books-1', epoch: 1n, last: 2n ** 64n - 1n, primary: { node: 'shop-data-1', address: undefined } },
    ],
  });
});

test('settings of a vector win over those of the collection and the defaults', () => {
  const { collections } = build({ collections: [collection('books')], shards: [], pods });
  expect(collections.get('books')?.config.vectors.get('')).toEqual({ size: 4, distance: 'Dot', m: 8, efConstruct: 50 });
});

test.for([
  ['no shards', [], false],
  ['one of two', [shard('books', 0, 'low')], false],
  ['both', [shard('books', 0, 'low'), shard('books', 1, 'high')], true],
  ['one doubled', [shard('books', 0, 'low'), shard('books', 1, 'low'), shard('books', 2, 'high')], false],
] as const)('with %s it is complete: %s', ([, shards, expected]) => {
  const { collections } = build({ collections: [collection('books')], shards, pods });
  expect(collections.get('books')?.complete).toBe(expected);
});

test('objects of another cluster and those being deleted are not shown; UIDs of the latter are', () => {
  const topology = build({
    collections: [
      collection('theirs', { spec: { clusterName: 'mall' } }),
      collection('going', { metadata: { deletionTimestamp: '2026-11-21T11:00:00Z' } }),
    ],
    shards: [],
    pods,
  });
  expect([...topology.collections.keys()]).toEqual([]);
  expect([...topology.uids]).toEqual(['uid-going']);
});

test('of two objects with one collection name the older counts, whatever the order', () => {
  const older = collection('books', { metadata: { name: 'older', uid: 'older' } });
  const newer = collection('books', { metadata: { name: 'newer', uid: 'newer', creationTimestamp: '2026-11-21T11:00:00Z' } });
  for (const collections of [
    [older, newer],
    [newer, older],
  ]) {
    expect(build({ collections, shards: [], pods }).collections.get('books')?.uid).toBe('older');
  }
});

test('an alias names its collection, never one that has the name itself', () => {
  const topology = build({
    collections: [collection('books', { spec: { aliases: ['b', 'films'] } }), collection('films')],
    shards: [],
    pods,
  });
  expect(Array.from(topology.aliases, ([alias, route]) => [alias, route.name])).toEqual([['b', 'books']]);
});

test('a builder that has seen earlier states builds what a new one would', () => {
  const builder = new TopologyBuilder('shop');
  const low = shard('books', 0, 'low', primaryOn('shop-data-0'));
  const lowLater = shard('books', 0, 'low', primaryOn('shop-data-1', 2));
  const high = shard('books', 1, 'high');
  const books = collection('books');
  const moved = [{ name: 'shop-data-0', ip: '127.7.9.9' }];
  const states: readonly ClusterObjects[] = [
    { collections: [books], shards: [low], pods },
    { collections: [books], shards: [high, low], pods },
    { collections: [books], shards: [low, high], pods: moved },
    { collections: [books], shards: [lowLater, high], pods },
    { collections: [collection('books', { metadata: { generation: 2 }, spec: { aliases: ['b'] } })], shards: [lowLater, high], pods },
    { collections: [books], shards: [], pods: [] },
  ];
  for (const state of states) expect(builder.build(state)).toEqual(build(state));
});

describe('what another node has seen is shown', () => {
  const ready = [shard('books', 0, 'low', primaryOn('shop-data-0')), shard('books', 1, 'high', primaryOn('shop-data-1'))];
  const books = collection('books', { metadata: { generation: 2 } });
  const both = build({ collections: [books], shards: ready, pods });
  const half = build({ collections: [books], shards: ready.slice(1), pods });

  test.for([
    [{ collectionUid: 'uid-books', generation: 2, serving: true }, true, false],
    [{ collectionUid: 'uid-books', generation: 2, serving: false }, true, true],
    [{ collectionUid: 'uid-books', generation: 3, serving: false }, false, false],
    [{ collectionUid: 'uid-films', generation: 1, serving: false }, false, false],
    [{ collectionUid: 'uid-books', generation: 0, serving: false }, false, false],
    [{ collectionUid: 'uid-films', generation: 0, serving: false }, true, true],
  ] as const)('%o: %s with both shards, %s with one', ([observation, withBoth, withHalf]) => {
    expect(shows(both, observation)).toBe(withBoth);
    expect(shows(half, observation)).toBe(withHalf);
  });

  test('a node waits for the primaries it has itself', () => {
    expect(primariesOn(both, 'uid-books', 'shop-data-1')).toEqual(new Map([['shard-books-1', 1n]]));
  });
});
