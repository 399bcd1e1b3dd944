/** Our CRDs on every API server: what the schema and the CEL rules let in, and what they refuse with which words. */
import { KubeClient } from '@vectorcluster/kube/client.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import { vectorClusters, vectorCollections, vectorPools, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../src/bootstrap/definitions.ts';
import { controlPlanes, type RunningControlPlane } from '../src/testing/control-planes.ts';
import { refusal } from './refusal.ts';

type Spec = Readonly<Record<string, unknown>>;
type Type = ResourceType;

const accepted = /^not refused$/;

const pool = { name: 'data', role: 'Data', replicas: 3, storage: { size: '10Gi' } };
const cluster: Spec = { pools: [pool] };
const collection: Spec = { clusterName: 'shop', collection: 'c', shards: 2, vectors: [{ size: 4, distance: 'Dot' }] };
const shard: Spec = {
  clusterName: 'shop',
  collection: 'c',
  vectorCollection: 'shop-c',
  hashRange: { first: '0000000000000000', last: 'ffffffffffffffff' },
  assignments: [{ node: 'shop-data-0' }],
};
const id = (digit: string): string => digit.repeat(32);
const member = (digit: string, eligibleFromEpoch = 1) => ({
  replicaId: id(digit),
  node: `shop-data-${digit}`,
  podUid: 'u',
  zone: 'a',
  kind: 'Voter',
  eligibleFromEpoch,
});
const led = {
  epoch: 2,
  primary: id('a'),
  inSync: [id('a'), id('b')],
  minInSync: 1,
  members: [member('a'), member('b'), member('c')],
};

describe.each(controlPlanes())('$name', (controlPlane) => {
  let running: RunningControlPlane;
  let client: KubeClient;
  let names = 0;
  beforeAll(async () => {
    running = await controlPlane.start({ crds: await customResourceDefinitions() });
    client = KubeClient.fromKubeconfig(running.kubeconfig);
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    await running[Symbol.asyncDispose]();
  });

  async function create(type: Type, spec: Spec, name = `object-${++names}`): Promise<KubeObject> {
    const { apiVersion, kind } = type;
    const object: KubeObject & { spec: Spec } = { apiVersion, kind, metadata: { name, namespace: 'default' }, spec };
    return client.create(type, object);
  }

  test('what is left out is filled in, where kubectl shows it', async () => {
    expect(await create(vectorClusters, { pools: [{ name: 'data', storage: { size: '1Gi' } }] })).toMatchObject({
      spec: {
        deletionPolicy: 'Retain',
        update: { pause: false },
        repair: { gracePeriodSeconds: 60 },
        zones: { topologyKey: 'topology.kubernetes.io/zone' },
        collectionDefaults: { shards: 6, replicationFactor: 1, minInSync: 1, readReplicas: 0 },
        pools: [{ name: 'data', role: 'Data', storage: { size: '1Gi' } }],
      },
    });
  });

  test.for<[string, Type, Spec, RegExp]>([
    ['two pools of one name', vectorClusters, { pools: [pool, pool] }, /spec\.pools\[1\]: Duplicate value/],
    ['no pools', vectorClusters, { pools: [] }, /spec\.pools/],
    ['a role that is not served', vectorClusters, { pools: [pool, { ...pool, name: 'i', role: 'Index' }] }, /role Index is not served/],
    ['a pool without storage', vectorClusters, { pools: [{ name: 'data' }] }, /storage is required/],
    ['version and image', vectorClusters, { ...cluster, version: '1', image: 'x/y:1' }, /version or image, not both/],
    [
      'minInSync above replicationFactor',
      vectorClusters,
      { ...cluster, collectionDefaults: { minInSync: 2 } },
      /minInSync cannot be above replicationFactor/,
    ],
    ['a size that is none', vectorClusters, { pools: [{ ...pool, storage: { size: 'big' } }] }, /spec\.pools\[0\]\.storage\.size/],
    ['a pool name in capitals', vectorClusters, { pools: [{ ...pool, name: 'Data' }] }, /spec\.pools\[0\]\.name/],
    ['a fraction of a node', vectorClusters, { pools: [{ ...pool, replicas: 1.5 }] }, /spec\.pools\[0\]\.replicas/],
    ['a hostile collection name', vectorCollections, { ...collection, collection: '../etc' }, /spec\.collection/],
    [
      'an unknown distance',
      vectorCollections,
      { ...collection, vectors: [{ size: 4, distance: 'Hamming' }] },
      /Unsupported value: "Hamming"/,
    ],
    ['no dimension', vectorCollections, { ...collection, vectors: [{ size: 0, distance: 'Dot' }] }, /spec\.vectors\[0\]\.size/],
    [
      'an empty hash range',
      vectorShards,
      { ...shard, hashRange: { first: 'ffffffffffffffff', last: '0000000000000000' } },
      /hashRange\.first is above/,
    ],
  ])('%s is refused', async ([, type, spec, words]) => {
    expect(await refusal(create(type, spec))).toMatch(words);
  });

  test('a name too long to derive others from is refused', async () => {
    expect(await refusal(create(vectorClusters, cluster, 'n'.repeat(31)))).toMatch(
      /metadata\.name of a VectorCluster has at most 30 characters/,
    );
  });

  test.for<[string, Type, Spec, Spec, RegExp]>([
    ['the role of a pool', vectorPools, { clusterName: 'shop', poolName: 'data' }, { role: 'Index' }, /role of a pool cannot change/],
    ['the size of a volume, downwards', vectorClusters, cluster, { pools: [{ ...pool, storage: { size: '9Gi' } }] }, /size cannot shrink/],
    ['the vectors of a collection', vectorCollections, collection, { vectors: [{ size: 5, distance: 'Dot' }] }, /vectors cannot change/],
    ['the number of shards', vectorCollections, collection, { shards: 3 }, /resharding is not served/],
    ['the name of a collection', vectorCollections, collection, { collection: 'd' }, /clusterName and collection cannot change/],
    [
      'a hash range',
      vectorShards,
      shard,
      { hashRange: { first: '0000000000000000', last: '7fffffffffffffff' } },
      /hashRange cannot change/,
    ],
  ])('changing %s is refused', async ([, type, before, change, words]) => {
    const { metadata } = await create(type, before);
    expect(await refusal(client.patch(type, metadata.name, 'default', { spec: change }))).toMatch(words);
  });

  test('the number of copies may change, also of readers, within what minInSync leaves', async () => {
    const { metadata } = await create(vectorCollections, { ...collection, replicationFactor: 1 });
    const change = (spec: Spec) => refusal(client.patch(vectorCollections, metadata.name, 'default', { spec }));
    expect(await change({ replicationFactor: 3, minInSync: 2, readReplicas: 2 })).toMatch(accepted);
    expect(await change({ replicationFactor: 1 })).toMatch(/minInSync cannot be above replicationFactor/);
    expect(await change({ replicationFactor: 1, minInSync: 1, readReplicas: 0 })).toMatch(accepted);
  });

  test('a pool of readers is served', async () => {
    const readers = { name: 'readers', role: 'Read', storage: { size: '1Gi' } };
    expect(await refusal(create(vectorClusters, { pools: [pool, readers] }))).toMatch(accepted);
  });

  test.for<[string, Type, Spec]>([
    ['VectorCluster', vectorClusters, cluster],
    ['VectorPool', vectorPools, { clusterName: 'shop', poolName: 'data' }],
    ['VectorCollection', vectorCollections, collection],
    ['VectorShard', vectorShards, shard],
  ])('a %s that nobody has looked at yet says so, or tools would take it for done', async ([, type, spec]) => {
    const unseen = { observedGeneration: -1 };
    const made = await create(type, spec);
    expect(made).toMatchObject({ status: unseen });
    expect(await client.get(type, made.metadata.name, 'default')).toMatchObject({ status: unseen });
    const { apiVersion, kind } = type;
    const manifest: KubeObject & { spec: Spec } = { apiVersion, kind, metadata: { name: `object-${++names}`, namespace: 'default' }, spec };
    const applied = await client.apply(type, manifest, { fieldManager: 'test' });
    expect(applied).toMatchObject({ status: unseen });
  });

  test('a volume may grow', async () => {
    const { metadata } = await create(vectorClusters, cluster);
    const grown = { spec: { pools: [{ ...pool, storage: { size: '0.5Ti' } }] } };
    expect(await client.patch(vectorClusters, metadata.name, 'default', grown)).toMatchObject(grown);
  });

  test.for<[string, object, RegExp]>([
    ['the next epoch with another in-sync primary', { epoch: 3, primary: id('b'), inSync: [id('b')] }, accepted],
    ['the in-sync set, smaller by one', { inSync: [id('a')] }, accepted],
    ['the in-sync set, larger by one', { inSync: [id('a'), id('b'), id('c')] }, accepted],
    ['an epoch that skips', { epoch: 4, primary: id('b') }, /epoch grows by exactly one/],
    ['an epoch that goes back', { epoch: 1 }, /epoch grows by exactly one/],
    ['a second primary in one epoch', { primary: id('b') }, /primary is constant within an epoch/],
    ['a primary that was not in sync', { epoch: 3, primary: id('c'), inSync: [id('c')] }, /primary was not in sync/],
    ['an epoch that takes a replica in', { epoch: 3, primary: id('b'), inSync: [id('b'), id('c')] }, /inSync grew with the epoch/],
    ['an epoch that nobody leads', { epoch: 3, primary: null, inSync: [id('c')] }, /epoch without primary/],
    ['an in-sync set without the primary', { inSync: [id('b')] }, /inSync holds the primary/],
    ['an in-sync replica that is no member', { inSync: [id('a'), id('b'), id('d')] }, /inSync names a replica that is not among members/],
    ['two changes of the in-sync set at once', { inSync: [id('a'), id('c')] }, /inSync changes by one replica at a time/],
    ['a hand-over to a replica in sync', { handOff: { target: id('b'), epoch: 2 } }, accepted],
    ['a hand-over to the primary itself', { handOff: { target: id('a'), epoch: 2 } }, /handOff\.target is the primary or not in sync/],
    ['a hand-over to a replica not in sync', { handOff: { target: id('c'), epoch: 2 } }, /handOff\.target is the primary or not in sync/],
    ['a hand-over asked in another epoch', { handOff: { target: id('b'), epoch: 1 } }, /handOff\.epoch is not epoch/],
    [
      'a Learner in sync',
      { members: [member('a', 2), member('b', 2), { ...member('c'), kind: 'Learner' }], inSync: [id('a'), id('b'), id('c')] },
      /inSync names a Learner/,
    ],
    ['an eligibility that goes back', { members: [member('a', 1), member('b', 1), member('c')] }, /eligibleFromEpoch never goes back/],
  ])('shard status: %s', async ([, change, words]) => {
    const { metadata } = await create(vectorShards, shard);
    const before = { ...led, members: [member('a', 2), member('b', 2), member('c')] };
    // From nothing to epoch 2 in one write: transition rules start once there is a status.
    await client.patch(vectorShards, metadata.name, 'default', { status: before }, { subresource: 'status' });
    const attempt = client.patch(vectorShards, metadata.name, 'default', { status: change }, { subresource: 'status' });
    expect(await refusal(attempt)).toMatch(words);
  });

  test('the status of a shard is not taken away', async () => {
    const { metadata } = await create(vectorShards, shard);
    const stored = await client.patch(vectorShards, metadata.name, 'default', { status: led }, { subresource: 'status' });
    expect(await refusal(client.replaceStatus(vectorShards, { ...stored, status: undefined }))).toMatch(/status was taken away/);
    expect(await refusal(client.replaceStatus(vectorShards, { ...stored, status: { ...stored.status, minInSync: 2 } }))).toMatch(accepted);
  });

  test('a shard that is asked to hand over may still lose its target, and a new epoch takes the question out', async () => {
    const { metadata } = await create(vectorShards, shard);
    const change = (status: Spec) => refusal(client.patch(vectorShards, metadata.name, 'default', { status }, { subresource: 'status' }));
    expect(await change({ ...led, handOff: { target: id('b'), epoch: 2 } })).toMatch(accepted);
    expect(await change({ inSync: [id('a')] })).toMatch(accepted);
    expect(await change({ epoch: 3 })).toMatch(/take handOff out when epoch grows/);
    expect(await change({ epoch: 3, handOff: null })).toMatch(accepted);
  });
});
