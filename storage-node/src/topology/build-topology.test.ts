import * as fc from 'fast-check';
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

const id = (digit: string) => digit.repeat(32);

describe('copies of a shard', () => {
  const member = (digit: string, node: string, kind: 'Voter' | 'Learner' = 'Voter') => ({
    replicaId: id(digit),
    node,
    podUid: 'p',
    zone: `zone when ${node} registered`,
    kind,
    eligibleFromEpoch: 1,
  });
  const status: VectorShardStatus = {
    epoch: 2,
    primary: id('a'),
    inSync: [id('a'), id('b')],
    members: [
      member('b', 'n1'),
      member('a', 'n0'),
      member('c', 'n2'),
      member('d', 'r0', 'Learner'),
      member('e', 'n3', 'Learner'),
      member('f', 'gone'),
    ],
  };
  const assignments = [
    ...['n0', 'n1', 'n2'].map((node) => ({ node, kind: 'Voter' as const })),
    ...['r0', 'n3', 'n4'].map((node) => ({ node, kind: 'Learner' as const })),
  ];
  const nodes: readonly NodePod[] = [
    { name: 'n0', ip: '127.7.1.1', zone: 'a', role: 'Data' },
    { name: 'n1', ip: '127.7.1.2', zone: 'b', role: 'Data', isLeaving: true },
    { name: 'n2', ip: undefined, role: 'Data' },
    { name: 'n3', ip: '127.7.1.4', zone: 'a', role: 'Data' },
    { name: 'r0', ip: '127.7.1.3', zone: 'c', role: 'Read' },
  ];
  const low = shard('books', 0, 'low', status);
  const copied = { ...low, spec: { ...low.spec, assignments } };
  const replicasWith = (pods: readonly NodePod[], object = copied) =>
    build({ collections: [collection('books')], shards: [object], pods }).collections.get('books')?.shards[0]?.replicas ?? [];

  test('are told with their places, by node; one that nobody wants any more is not told', () => {
    expect(replicasWith(nodes)).toEqual([
      {
        replicaId: id('a'),
        node: 'n0',
        zone: 'a',
        address: '127.7.1.1',
        isLeaving: false,
        kind: 'Voter',
        inSync: true,
        isPrimary: true,
        isReader: false,
      },
      {
        replicaId: id('b'),
        node: 'n1',
        zone: 'b',
        address: '127.7.1.2',
        isLeaving: true,
        kind: 'Voter',
        inSync: true,
        isPrimary: false,
        isReader: false,
      },
      {
        replicaId: id('c'),
        node: 'n2',
        zone: 'zone when n2 registered',
        address: undefined,
        isLeaving: false,
        kind: 'Voter',
        inSync: false,
        isPrimary: false,
        isReader: false,
      },
      {
        replicaId: id('e'),
        node: 'n3',
        zone: 'a',
        address: '127.7.1.4',
        isLeaving: false,
        kind: 'Learner',
        inSync: false,
        isPrimary: false,
        isReader: false,
      },
      {
        replicaId: id('d'),
        node: 'r0',
        zone: 'c',
        address: '127.7.1.3',
        isLeaving: false,
        kind: 'Learner',
        inSync: false,
        isPrimary: false,
        isReader: true,
      },
    ]);
  });

  test('that are not wanted any more are told while they are in sync: they still count', () => {
    const shrunk = { ...copied, spec: { ...copied.spec, assignments: assignments.slice(0, 1) } };
    expect(replicasWith(nodes, shrunk).map(({ node }) => node)).toEqual(['n0', 'n1']);
  });

  test('a route is the same object as long as nothing about it has changed, so that who waits for news can tell', () => {
    const builder = new TopologyBuilder('shop');
    const objects = { collections: [collection('books')], shards: [copied], pods: nodes };
    const routeWith = (pods: readonly NodePod[]) => builder.build({ ...objects, pods }).collections.get('books')?.shards[0];
    const first = routeWith(nodes);
    expect(routeWith(nodes.map((pod) => ({ ...pod })))).toBe(first);
    expect(routeWith([...nodes, { name: 'other', ip: '127.7.1.9' }])).toBe(first);
    expect(routeWith(nodes.map((pod) => ({ ...pod, ip: pod.name === 'n2' ? '127.7.1.7' : pod.ip })))).not.toBe(first);
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

const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  reason: 'R',
  message: 'minInSync is 3, but 1 Data node is asked for',
  lastTransitionTime: '2026-11-21T10:00:00Z',
});

test.for<[string, 'True' | 'False', string | undefined]>([
  ['cannot be made', 'False', 'minInSync is 3, but 1 Data node is asked for'],
  ['serves, with fewer copies than it asks for', 'True', undefined],
])('a collection that is Stalled and %s', ([, ready, stalled]) => {
  const status = { conditions: [condition('Ready', ready), condition('Stalled', 'True')] };
  const { collections } = build({ collections: [collection('books', { status })], shards: [], pods });
  expect(collections.get('books')?.stalled).toBe(stalled);
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

test('however shards change, a builder that goes on from what it built makes what a new one would', () => {
  const names = ['books', 'films'];
  const collections = [
    ...names.map((name) => collection(name)),
    collection('books', { metadata: { uid: 'uid-rival', creationTimestamp: '2027' } }),
  ];
  const late = shard('films', 2, 'low');
  const first = names.flatMap((name) => [shard(name, 0, 'low'), shard(name, 1, 'high')]);
  const step = fc.record({ index: fc.nat(3), node: fc.constantFrom('shop-data-0', 'shop-data-1'), epoch: fc.integer({ min: 1, max: 9 }) });
  const change = fc.oneof(
    {
      weight: 8,
      arbitrary: step.map(
        ({ index, node, epoch }) =>
          (shards: readonly VectorShard[]) =>
            led(shards, index, primaryOn(node, epoch)),
      ),
    },
    { weight: 1, arbitrary: fc.nat(3).map((index) => (shards: readonly VectorShard[]) => shards.toSpliced(index, 1)) },
    {
      weight: 1,
      arbitrary: fc.constant((shards: readonly VectorShard[]) =>
        shards.some(({ metadata }) => metadata.uid === late.metadata.uid) ? shards : [...shards, late],
      ),
    },
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const builder = new TopologyBuilder('shop');
      let shards: readonly VectorShard[] = first;
      for (const next of [(same: readonly VectorShard[]) => same, ...changes]) {
        shards = next(shards);
        expect(builder.build({ collections, shards, pods })).toEqual(build({ collections, shards, pods }));
      }
    }),
  );
});

function led(shards: readonly VectorShard[], index: number, status: VectorShardStatus): readonly VectorShard[] {
  return shards.map((each, at) => (at === index ? { ...each, status } : each));
}
