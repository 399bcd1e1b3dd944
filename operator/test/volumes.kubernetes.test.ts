/** Volumes that change, on every API server. There is no storage system: the test writes what resizers would. */
import { persistentVolumeClaims, persistentVolumes, type PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import { storageClasses } from '@vectorcluster/kube/types/storage.ts';
import { vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionText, namespace, Person } from './world/people.ts';
import { startWorld, type RunningOperator, type World } from './world/world.ts';

const eventually = { timeout: 30_000, interval: 50 };
const pool = (size: string, storageClassName?: string) => ({
  name: 'data',
  role: 'Data' as const,
  replicas: 2,
  storage: { size, ...(storageClassName !== undefined && { storageClassName }) },
});

describe.each(controlPlanes())('on $name', (plane) => {
  let world: World;
  let operator: RunningOperator;
  let person: Person;

  beforeAll(async () => {
    world = await startWorld(plane);
    person = new Person(world.client);
    for (const [name, allowVolumeExpansion] of [
      ['growing', true],
      ['fixed', false],
    ] as const) {
      const metadata = { name };
      await world.client.create(storageClasses, {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata,
        provisioner: 'test.example/none',
        allowVolumeExpansion,
      });
    }
    operator = await world.startOperator();
  });
  afterAll(async () => {
    await operator?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const bind = (node: string, storage: string) =>
    world.client.patch(
      persistentVolumeClaims,
      `data-${node}`,
      namespace,
      { status: { phase: 'Bound', capacity: { storage } } },
      { subresource: 'status' },
    );
  /** Only a bound claim may grow. */
  const provision = async ({ metadata: { name, uid } }: PersistentVolumeClaim, storageClassName: string) => {
    await world.client.create(persistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pv-${name}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName,
        hostPath: { path: `/nowhere/${name}` },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      },
    });
    await world.client.patch(persistentVolumeClaims, name, namespace, { spec: { volumeName: `pv-${name}` } });
    await bind(name.slice('data-'.length), '1Gi');
  };
  const askedOf = async (cluster: string) =>
    (await person.volumesOf(cluster))
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map(({ spec }) => spec?.resources?.requests?.['storage']);
  const conditionsOf = async (object: string) => (await world.client.get(vectorPools, object, namespace))?.status?.conditions;
  const resizedOf = async (object: string) => conditionText(await conditionsOf(object), 'VolumesResized');
  const stalledOf = async (cluster: string) => conditionText((await person.clusterStatus(cluster))?.conditions, 'Stalled');
  const makeReady = async (cluster: string, storageClassName: string) => {
    await person.makeCluster(cluster, { pools: [pool('1Gi', storageClassName)] });
    await expect
      .poll(async () => conditionText((await person.clusterStatus(cluster))?.conditions, 'Ready'), eventually)
      .toBe('Ready=True AllNodesReady');
    for (const claim of await person.volumesOf(cluster)) await provision(claim, storageClassName);
    await expect.poll(() => resizedOf(`${cluster}-data`), eventually).toBe('VolumesResized=True SizesAsAsked');
  };

  test('volumes grow one by one, each when the one before has its size', async () => {
    await makeReady('grow', 'growing');
    await person.edit('grow', { pools: [pool('2Gi', 'growing')] });
    await expect.poll(() => askedOf('grow'), eventually).toEqual(['2Gi', '1Gi']);
    await expect.poll(() => resizedOf('grow-data'), eventually).toBe('VolumesResized=False Growing');

    await bind('grow-data-0', '2Gi');
    await expect.poll(() => askedOf('grow'), eventually).toEqual(['2Gi', '2Gi']);
    await bind('grow-data-1', '2Gi');
    await expect.poll(() => resizedOf('grow-data'), eventually).toBe('VolumesResized=True SizesAsAsked');

    operator.client.writes.length = 0;
    const reconciles = await operator.reconciles('pool');
    await world.client.patch(vectorPools, 'grow-data', namespace, { metadata: { annotations: { look: 'again' } } });
    await expect.poll(() => operator.reconciles('pool'), eventually).toBeGreaterThan(reconciles);
    expect(operator.client.writes).toEqual([]);
  });

  test('volumes of a class that does not allow it are left as they are, until it does', async () => {
    await makeReady('stuck', 'fixed');
    await person.edit('stuck', { pools: [pool('2Gi', 'fixed')] });
    await expect.poll(() => resizedOf('stuck-data'), eventually).toBe('VolumesResized=False ExpansionNotAllowed');
    expect(await askedOf('stuck')).toEqual(['1Gi', '1Gi']);
    await world.client.patch(storageClasses, 'fixed', undefined, { allowVolumeExpansion: true });
    await expect.poll(() => askedOf('stuck'), eventually).toEqual(['2Gi', '1Gi']);
  });

  test('a class that was named by mistake can be taken back', async () => {
    await person.makeCluster('named', { pools: [pool('1Gi')] });
    await expect.poll(() => askedOf('named'), eventually).toEqual(['1Gi', '1Gi']);
    // As Kubernetes does where a class is the default.
    for (const { metadata } of await person.volumesOf('named')) {
      await world.client.patch(persistentVolumeClaims, metadata.name, namespace, { spec: { storageClassName: 'growing' } });
    }
    await person.edit('named', { pools: [pool('1Gi', 'fixed')] });
    await expect.poll(() => stalledOf('named'), eventually).toContain('StorageClassDiffers');
    await person.edit('named', { pools: [pool('1Gi')] });
    await expect.poll(() => stalledOf('named'), eventually).toBe('Stalled=False NotStalled');
  });

  test('neither a smaller size nor another class is taken, through the pool neither', async () => {
    await person.makeCluster('kept', { pools: [pool('2Gi', 'growing')] });
    await expect.poll(() => askedOf('kept'), eventually).toEqual(['2Gi', '2Gi']);
    await expect(person.edit('kept', { pools: [pool('1Gi', 'growing')] })).rejects.toThrow(/size cannot shrink/);
    await expect(person.edit('kept', { pools: [pool('2Gi', 'fixed')] })).rejects.toThrow(/storageClassName cannot change.*add a pool/);
    const smaller = { spec: { template: { storage: { size: '1Gi' } } } };
    await expect(world.client.patch(vectorPools, 'kept-data', namespace, smaller)).rejects.toThrow(/size cannot shrink/);
  });
});
