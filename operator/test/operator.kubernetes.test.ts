import { labels } from '@vectorcluster/crds/labels.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import { InvalidError } from '@vectorcluster/kube/errors.ts';
import { events, persistentVolumeClaims, pods, serviceAccounts, services } from '@vectorcluster/kube/types/core.ts';
import { podDisruptionBudgets } from '@vectorcluster/kube/types/policy.ts';
import { roleBindings, roles } from '@vectorcluster/kube/types/rbac.ts';
import { vectorClusters, vectorPools, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionText, namespace, Person } from './world/people.ts';
import { startWorld, type RunningOperator, type World } from './world/world.ts';

const eventually = { timeout: 30_000, interval: 50 };
const data = (replicas?: number) => ({ name: 'data', ...(replicas !== undefined && { replicas }), storage: { size: '1Gi' } });
const vectors = [{ name: '', size: 4, distance: 'Dot' as const }];

const epochOf = (object: object) => ('status' in object ? z.object({ epoch: z.number() }).safeParse(object.status).data?.epoch : undefined);

/** Of two shards. */
const both = (text: string, members: number) => [
  [text, members],
  [text, members],
];

describe.each(controlPlanes())('on $name', (plane) => {
  let world: World;
  let operator: RunningOperator;
  let person: Person;

  beforeAll(async () => {
    world = await startWorld(plane);
    person = new Person(world.client);
    operator = await world.startOperator();
  });
  afterAll(async () => {
    await operator?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const readyOf = async (cluster: string) => conditionText((await person.clusterStatus(cluster))?.conditions, 'Ready');
  const stalledOf = async (cluster: string) => (await person.clusterStatus(cluster))?.conditions?.find(({ type }) => type === 'Stalled');
  const ownersOfVolumes = async (cluster: string) =>
    (await person.volumesOf(cluster)).map(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name) ?? []);
  const replicasOf = async (pool: string) => {
    const found = await world.client.get(vectorPools, pool, namespace);
    return [found?.metadata.annotations?.['vectorcluster.io/replicas-from'], found?.spec.replicas];
  };
  /** The processes of a shard in its first epoch. */
  const startAgain = async (name: string) =>
    swapStatus({
      client: world.client,
      type: vectorShards,
      name: { namespace, name },
      change: (stored) => ({
        ...stored,
        status: { ...stored.status, members: stored.status?.members?.map((member) => ({ ...member, eligibleFromEpoch: 2 })) },
      }),
    });
  const makeReady = async (cluster: string, spec: Parameters<Person['makeCluster']>[1]) => {
    await person.makeCluster(cluster, spec);
    await expect.poll(() => readyOf(cluster), eventually).toBe('Ready=True AllNodesReady');
  };

  test('a cluster becomes three nodes in three zones, with everything they need', async () => {
    await makeReady('fresh', { pools: [data(3)] });
    const found = await person.podsOf('fresh');
    expect(found.map(({ metadata }) => [metadata.name, metadata.labels?.[labels.zone]])).toEqual([
      ['fresh-data-0', 'a'],
      ['fresh-data-1', 'b'],
      ['fresh-data-2', 'c'],
    ]);
    expect((await person.volumesOf('fresh')).map(({ metadata }) => metadata.name).toSorted()).toEqual([
      'data-fresh-data-0',
      'data-fresh-data-1',
      'data-fresh-data-2',
    ]);
    const { client } = world;
    expect(await client.get(services, 'fresh', namespace)).toMatchObject({ spec: { ports: [{ port: 6333 }, { port: 6334 }] } });
    expect(await client.get(services, 'fresh-peers', namespace)).toMatchObject({
      spec: { clusterIP: 'None', publishNotReadyAddresses: true },
    });
    expect(await client.get(podDisruptionBudgets, 'fresh-data', namespace)).toMatchObject({ spec: { maxUnavailable: 1 } });
    for (const type of [serviceAccounts, roles, roleBindings]) expect(await client.get(type, 'fresh-node', namespace)).toBeDefined();
    expect(await person.clusterStatus('fresh')).toMatchObject({
      nodesReady: '3/3',
      zones: ['a', 'b', 'c'],
      version: '0.1.0',
      endpoint: 'fresh.default.svc',
      plan: [],
    });
    const told = (await client.list(events, { namespace })).items;
    const warnings = told.filter(({ type, reportingController }) => type === 'Warning' && reportingController === 'vectorcluster-operator');
    expect(warnings.map(({ note }) => note)).toEqual([]);
    expect((await client.get(vectorPools, 'fresh-data', namespace))?.status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  test('a collection gets shards, primaries, and a new epoch when a process starts again', async () => {
    await makeReady('store', { pools: [data(3)] });
    await person.makeCollection('store-products', { clusterName: 'store', collection: 'products', vectors });
    const shardsReady = async () => (await person.collection('store-products'))?.status?.shardsReady;
    await expect.poll(shardsReady, eventually).toBe('6/6');
    const shards = await person.shardsOf('store-products');
    expect(shards.map(({ spec }) => spec.assignments[0]?.node)).toEqual([0, 1, 2, 0, 1, 2].map((ordinal) => `store-data-${ordinal}`));
    expect(shards.map(({ status }) => status?.epoch)).toEqual([1, 1, 1, 1, 1, 1]);
    expect((await person.collection('store-products'))?.metadata.ownerReferences).toMatchObject([{ kind: 'VectorCluster', name: 'store' }]);

    const [first] = shards;
    if (first === undefined) throw new Error('no shard');
    await startAgain(first.metadata.name);
    const epochOfFirst = async () => (await person.shardsOf('store-products'))[0]?.status?.epoch;
    await expect.poll(epochOfFirst, eventually).toBe(2);
    const after = (await person.shardsOf('store-products'))[0];
    expect(after?.status?.primary).toBe(first.status?.primary);
    await expect.poll(shardsReady, eventually).toBe('6/6');
  });

  test('with three copies, one that is in sync leads at once when the Pod of the primary goes', async () => {
    await makeReady('safe', { pools: [data(3)], collectionDefaults: { replicationFactor: 3, minInSync: 2 } });
    await person.makeCollection('safe-products', { clusterName: 'safe', collection: 'products', shards: 3, vectors });
    const shards = () => person.shardsOf('safe-products');
    const inSync = async () => (await shards()).map(({ status }) => [status?.epoch, status?.copiesInSync]);
    await expect.poll(inSync, eventually).toEqual([
      [1, '3/3'],
      [1, '3/3'],
      [1, '3/3'],
    ]);
    expect((await shards()).map(({ status }) => status?.primaryNode ?? '').toSorted()).toEqual([
      'safe-data-0',
      'safe-data-1',
      'safe-data-2',
    ]);
    const replicated = async () => conditionText((await person.collection('safe-products'))?.status?.conditions, 'FullyReplicated');
    await expect.poll(replicated, eventually).toBe('FullyReplicated=True AllCopiesInSync');

    await world.client.delete(pods, 'safe-data-0', namespace, { gracePeriodSeconds: 0 });
    const epochs = async () => (await shards()).map(({ status }) => status?.epoch ?? 0).toSorted((a, b) => a - b);
    await expect.poll(epochs, eventually).toEqual([1, 1, 2]);
    await expect.poll(async () => (await shards()).map(({ status }) => status?.copiesInSync), eventually).toEqual(['3/3', '3/3', '3/3']);
    const failedOver = (await shards()).find(({ status }) => status?.epoch === 2);
    expect(failedOver?.status?.primaryNode).not.toBe('safe-data-0');
    expect(failedOver?.status?.conditions?.find(({ type }) => type === 'EpochRaised')).toMatchObject({ reason: 'FailedOver' });
    const notes = async () =>
      (await world.client.list(events, { namespace })).items.map(({ reason, regarding }) => `${reason} ${regarding?.name}`);
    await expect.poll(notes, eventually).toContain(`FailOver ${failedOver?.metadata.name}`);
    await expect.poll(notes, eventually).toContain('FailOver safe-products');
  });

  test('a swap that is judged invalid is told once, and tried until it is taken', async () => {
    await makeReady('rules', { pools: [data(2)] });
    await person.makeCollection('rules-products', { clusterName: 'rules', collection: 'products', shards: 1, vectors });
    const shard = async () => (await person.shardsOf('rules-products'))[0];
    await expect.poll(async () => (await shard())?.status?.epoch, eventually).toBe(1);
    const name = (await shard())?.metadata.name ?? '';
    operator.client.refusal = (object) =>
      object.metadata.name === name && epochOf(object) === 2 ? 'epoch: two is a number that nobody likes' : undefined;
    await startAgain(name);
    const stalled = async () => (await shard())?.status?.conditions?.find(({ type }) => type === 'Stalled');
    await expect.poll(async () => (await stalled())?.reason, eventually).toBe('StepRefused');
    expect((await stalled())?.message).toContain('raise-epoch');
    expect((await stalled())?.message).toContain('two is a number that nobody likes');
    const warnings = (await world.client.list(events, { namespace })).items.filter(
      ({ type, regarding }) => type === 'Warning' && regarding?.name === name,
    );
    expect(warnings.map(({ reason }) => reason)).toEqual(['StepFailed']);
    operator.client.refusal = () => undefined;
    await expect.poll(async () => [(await shard())?.status?.epoch, (await stalled())?.status], eventually).toEqual([2, 'False']);
  });

  test('the number of copies changes while a collection serves', async () => {
    await makeReady('grow', { pools: [data(3)] });
    await person.makeCollection('grow-products', { clusterName: 'grow', collection: 'products', shards: 2, vectors });
    const copies = async () =>
      (await person.shardsOf('grow-products')).map(({ status }) => [status?.copiesInSync, status?.members?.length]);
    await expect.poll(copies, eventually).toEqual(both('1/1', 1));
    await person.editCollection('grow-products', { replicationFactor: 3, minInSync: 2 });
    await expect.poll(copies, eventually).toEqual(both('3/3', 3));
    const minInSync = async () => (await person.shardsOf('grow-products')).map(({ status }) => status?.minInSync);
    await expect.poll(minInSync, eventually).toEqual([2, 2]);
    await person.editCollection('grow-products', { replicationFactor: 1, minInSync: 1 });
    await expect.poll(copies, eventually).toEqual(both('1/1', 1));
    expect((await person.shardsOf('grow-products')).map(({ status }) => status?.epoch)).toEqual([1, 1]);
  });

  test('a dead Pod is replaced in its zone', async () => {
    await makeReady('dead', { pools: [data(2)] });
    const [, second] = await person.podsOf('dead');
    const uid = second?.metadata.uid;
    await world.client.patch(pods, 'dead-data-1', namespace, { status: { phase: 'Failed', reason: 'Evicted' } }, { subresource: 'status' });
    const replaced = async () => {
      const pod = await world.client.get(pods, 'dead-data-1', namespace);
      return pod !== undefined && pod.metadata.uid !== uid && pod.metadata.labels?.[labels.zone] === 'b';
    };
    await expect.poll(replaced, eventually).toBe(true);
    const notes = async () => (await world.client.list(events, { namespace })).items.map(({ reason, note }) => `${reason}: ${note}`);
    await expect.poll(notes, eventually).toContain('DeletePod: dead-data-1 because its Pod has ended (Failed, Evicted)');
    await expect.poll(() => readyOf('dead'), eventually).toBe('Ready=True AllNodesReady');
  });

  test('a new image goes from node to node; one that does not exist stops at the first and can be taken back', async () => {
    await makeReady('roll', { pools: [data(3)] });
    const versions = async () => (await person.podsOf('roll')).map((pod) => pod.spec?.containers[0]?.image?.split(':')[1]);
    world.kubelet.brokenImages.add('vectorcluster/storage-node:9.9.9');
    await person.edit('roll', { version: '9.9.9' });
    await expect
      .poll(async () => (await stalledOf('roll'))?.message ?? '', eventually)
      .toContain('roll-data-0 does not become Ready: ErrImagePull');
    expect(await versions()).toEqual(['9.9.9', '0.1.0', '0.1.0']);
    const warnings = async () =>
      (await world.client.list(events, { namespace })).items.filter(
        ({ regarding, reason }) => regarding?.kind === 'VectorCluster' && regarding.name === 'roll' && reason === 'NodeNotReady',
      );
    await expect.poll(warnings, eventually).toMatchObject([{ type: 'Warning', note: expect.stringContaining('ErrImagePull') }]);
    await person.edit('roll', { version: '0.2.0' });
    await expect.poll(versions, eventually).toEqual(['0.2.0', '0.2.0', '0.2.0']);
    await expect.poll(async () => (await person.clusterStatus('roll'))?.version, eventually).toBe('0.2.0');
    await expect.poll(async () => (await stalledOf('roll'))?.status, eventually).toBe('False');
  });

  test('kubectl scale grows and shrinks a pool whose cluster leaves replicas out', async () => {
    await makeReady('scale', { pools: [data()] });
    expect((await person.podsOf('scale')).length).toBe(1);
    await world.client.patch(vectorPools, 'scale-data', namespace, { spec: { replicas: 3 } }, { subresource: 'scale' });
    await expect.poll(async () => (await person.clusterStatus('scale'))?.nodesReady, eventually).toBe('3/3');
    await world.client.patch(vectorPools, 'scale-data', namespace, { spec: { replicas: 1 } }, { subresource: 'scale' });
    await expect
      .poll(async () => (await person.podsOf('scale')).map(({ metadata }) => metadata.name), eventually)
      .toEqual(['scale-data-0']);
    // Where nothing takes the finalizer of volumes away, they are there still, and going.
    const volumesLeft = async () => {
      const { items } = await world.client.list(persistentVolumeClaims, { namespace, labelSelector: `${labels.cluster}=scale` });
      return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
    };
    await expect.poll(volumesLeft, eventually).toEqual(['data-scale-data-0']);
    const notes = async () => (await world.client.list(events, { namespace })).items.map(({ reason, note }) => `${reason}: ${note}`);
    await expect.poll(notes, eventually).toContain('LeaveNode: scale-data-2 because pool data wants 1 node and has 3');
    expect(await readyOf('scale')).toBe('Ready=True AllNodesReady');
  });

  test('a cluster that stops giving replicas leaves the number as it is', async () => {
    await makeReady('keep', { pools: [data(2)] });
    await person.edit('keep', { pools: [data()] });
    await expect.poll(() => replicasOf('keep-data'), eventually).toEqual(['pool', 2]);
  });

  test('volumes stay or go with their cluster as deletionPolicy says, also when it changes', async () => {
    await makeReady('vols', { pools: [data(1)] });
    expect(await ownersOfVolumes('vols')).toEqual([[]]);
    await person.edit('vols', { deletionPolicy: 'Delete' });
    await expect.poll(() => ownersOfVolumes('vols'), eventually).toEqual([['vols']]);
    await person.edit('vols', { deletionPolicy: 'Retain' });
    await expect.poll(() => ownersOfVolumes('vols'), eventually).toEqual([[]]);
  });

  test('what somebody changed by hand is put back, and what belongs to somebody else is left alone', async () => {
    const foreign = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'taken-peers', namespace }, spec: { ports: [{ port: 1 }] } };
    await world.client.create(services, foreign);
    await person.makeCluster('taken', { pools: [data(1)] });
    await expect.poll(async () => (await stalledOf('taken'))?.message ?? '', eventually).toContain('taken-peers exists and belongs to');
    expect((await world.client.get(services, 'taken-peers', namespace))?.spec?.ports).toMatchObject([{ port: 1 }]);
    await world.client.delete(services, 'taken-peers', namespace);
    await expect.poll(() => readyOf('taken'), eventually).toBe('Ready=True AllNodesReady');
    await world.client.patch(services, 'taken', namespace, { spec: { selector: { app: 'other' } } });
    const selector = async () => (await world.client.get(services, 'taken', namespace))?.spec?.selector?.[labels.cluster];
    await world.client.patch(services, 'taken', namespace, { spec: { selector: { [labels.cluster]: 'other' } } });
    await expect.poll(selector, eventually).toBe('taken');
  });

  test('what is not served is refused by the API server where it can be', async () => {
    await expect(person.makeCluster('refused', { pools: [data(1), { ...data(1), name: 'i', role: 'Index' }] })).rejects.toThrow(
      InvalidError,
    );
    await expect(person.makeCluster('refused', { pools: [data(1)], collectionDefaults: { minInSync: 2 } })).rejects.toThrow(/minInSync/);
  });

  test('a cluster in a zone without nodes says which part and why, and times change only with the status', async () => {
    await person.makeCluster('zones', { zones: { values: ['a', 'd'] }, pools: [data(2)] });
    await expect
      .poll(async () => (await stalledOf('zones'))?.message ?? '', eventually)
      .toContain('zones-data-1 cannot be placed: zone d has no');
    const before = await stalledOf('zones');
    await person.edit('zones', { zones: { values: ['a', 'd', 'e'] } });
    await expect.poll(async () => (await stalledOf('zones'))?.observedGeneration, eventually).toBe(2);
    expect((await stalledOf('zones'))?.lastTransitionTime).toBe(before?.lastTransitionTime);
  });

  test('a second operator over an unchanged world reconciles everything and writes nothing', async () => {
    await operator[Symbol.asyncDispose]();
    operator = await world.startOperator();
    const clusters = (await world.client.list(vectorClusters, { namespace })).items.length;
    const shards = (await person.shardsOf('store-products')).length;
    await expect.poll(() => operator.reconciles('cluster'), eventually).toBeGreaterThanOrEqual(clusters);
    await expect.poll(() => operator.reconciles('pool'), eventually).toBeGreaterThanOrEqual(clusters);
    await expect.poll(() => operator.reconciles('collection'), eventually).toBeGreaterThanOrEqual(1);
    await expect.poll(() => operator.reconciles('shard'), eventually).toBeGreaterThanOrEqual(shards);
    await expect.poll(() => operator.reconciles('copies'), eventually).toBeGreaterThanOrEqual(clusters);
    expect(operator.client.writes).toEqual([]);
  });
});
