/** Pods that people and the webhooks of others have a say in, on every API server. */
import { ForbiddenError } from '@vectorcluster/kube/errors.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conditionText, namespace, Person } from './world/people.ts';
import { startWorld, type RunningOperator, type World } from './world/world.ts';

const eventually = { timeout: 30_000, interval: 50 };
const pool = (podTemplate?: object) => ({ name: 'data', role: 'Data' as const, replicas: 2, storage: { size: '1Gi' }, podTemplate });
const sidecar = { name: 'log', image: 'log:1' };

/** A mesh: a sidecar in every Pod, a label, another registry. */
function meshed<T extends KubeObject>(object: T): T {
  if (object.kind !== 'Pod') return object;
  const pod = structuredClone<KubeObject & { spec?: { containers?: { image?: string; name: string }[] } }>(object);
  const containers = pod.spec?.containers ?? [];
  const mirrored = containers.map((container) => ({ ...container, image: `mirror.example/${container.image}` }));
  const labels = { ...object.metadata.labels, mesh: 'yes' };
  const spec = { ...pod.spec, containers: [...mirrored, { name: 'mesh-proxy', image: 'mesh:1' }] };
  return { ...object, metadata: { ...object.metadata, labels }, spec };
}

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

  const conditionOf = async (cluster: string, type: string) =>
    (await person.clusterStatus(cluster))?.conditions?.find((condition) => condition.type === type);
  const textOf = async (cluster: string, type: string) => conditionText((await person.clusterStatus(cluster))?.conditions, type);
  const poolConditions = async (pool: string) => (await world.client.get(vectorPools, pool, namespace))?.status?.conditions;
  const poolStalled = async (pool: string) => conditionText(await poolConditions(pool), 'Stalled');
  const messageOf = async (pool: string) => (await poolConditions(pool))?.find(({ type }) => type === 'Stalled')?.message;
  const containersOf = async (cluster: string) =>
    (await person.podsOf(cluster)).map(({ spec }) => spec?.containers.map(({ name }) => name).join(' '));
  const uidsOf = async (cluster: string) => (await person.podsOf(cluster)).map(({ metadata }) => metadata.uid);
  const makeReady = async (cluster: string) => {
    await person.makeCluster(cluster, { pools: [pool()] });
    await expect.poll(() => textOf(cluster, 'Ready'), eventually).toBe('Ready=True AllNodesReady');
    await expect.poll(() => textOf(cluster, 'Reconciling'), eventually).toBe('Reconciling=False NothingToDo');
  };

  test('a podTemplate is rolled out, and Pods that webhooks changed are left alone', async () => {
    operator.client.admitted = meshed;
    await makeReady('mesh');
    const first = await uidsOf('mesh');
    await person.edit('mesh', { pools: [pool({ metadata: { labels: { team: 'search' } }, spec: { containers: [sidecar] } })] });
    await expect.poll(() => containersOf('mesh'), eventually).toEqual(['storage-node log mesh-proxy', 'storage-node log mesh-proxy']);
    await expect.poll(() => textOf('mesh', 'Reconciling'), eventually).toBe('Reconciling=False NothingToDo');
    const [one] = await person.podsOf('mesh');
    expect(one?.metadata.labels).toMatchObject({ team: 'search', mesh: 'yes' });
    expect(one?.spec?.containers[0]?.image).toBe('mirror.example/vectorcluster/storage-node:0.1.0');

    const rolled = await uidsOf('mesh');
    expect(rolled.filter((uid) => first.includes(uid))).toEqual([]);
    const reconciles = await operator.reconciles('pool');
    operator.client.writes.length = 0;
    await world.client.patch(vectorPools, 'mesh-data', namespace, { metadata: { annotations: { look: 'again' } } });
    await expect.poll(() => operator.reconciles('pool'), eventually).toBeGreaterThan(reconciles);
    expect(operator.client.writes.filter((write) => write.includes('mesh'))).toEqual([]);
    expect(await uidsOf('mesh')).toEqual(rolled);
    operator.client.admitted = (object) => object;
  });

  test('an image that a person changes on a live Pod is put right', async () => {
    await makeReady('edited');
    const [before] = await uidsOf('edited');
    const live = await world.client.get(pods, 'edited-data-0', namespace);
    if (live?.spec === undefined) throw new Error('no Pod');
    const containers = live.spec.containers.map((container) => ({ ...container, image: 'vectorcluster/storage-node:edited' }));
    await world.client.replace(pods, { ...live, spec: { ...live.spec, containers } });
    await expect.poll(async () => (await uidsOf('edited'))[0] ?? before, eventually).not.toBe(before);
    await expect.poll(() => textOf('edited', 'Reconciling'), eventually).toBe('Reconciling=False NothingToDo');
  });

  test('a podTemplate of which no Pod can be made costs no Pod, and says so', async () => {
    await makeReady('refused');
    const before = await uidsOf('refused');
    operator.client.refusal = (object) =>
      object.kind === 'Pod' && object.metadata.labels?.['team'] === 'refused' ? 'spec.volumes[1]: must specify a volume type' : undefined;
    await person.edit('refused', { pools: [pool({ metadata: { labels: { team: 'refused' } } })] });
    await expect.poll(async () => poolStalled('refused-data'), eventually).toBe('Stalled=True StepRefused');
    expect(await messageOf('refused-data')).toContain('must specify a volume type');
    expect(await uidsOf('refused')).toEqual(before);

    await person.edit('refused', { pools: [pool()] });
    await expect.poll(async () => poolStalled('refused-data'), eventually).toBe('Stalled=False NotStalled');
    operator.client.refusal = () => undefined;
    expect(await uidsOf('refused')).toEqual(before);
  });

  test('a full quota is told, and the Pod is made when there is room', async () => {
    operator.client.admitted = (object) => {
      if (object.kind !== 'Pod' || object.metadata.name !== 'full-data-1') return object;
      throw new ForbiddenError({ status: 403, reason: 'Forbidden', message: 'pods "full-data-1" is forbidden: exceeded quota: compute' });
    };
    await person.makeCluster('full', { pools: [pool()] });
    await expect.poll(() => poolStalled('full-data'), eventually).toBe('Stalled=True StepRefused');
    expect(await messageOf('full-data')).toContain('create-pod full-data-1: pods "full-data-1" is forbidden: exceeded quota');
    await expect.poll(() => textOf('full', 'Stalled'), eventually).toBe('Stalled=True StepRefused');
    expect((await conditionOf('full', 'Stalled'))?.message).toContain('exceeded quota');
    operator.client.admitted = (object) => object;
    await expect.poll(() => textOf('full', 'Ready'), eventually).toBe('Ready=True AllNodesReady');
    await expect.poll(() => poolStalled('full-data'), eventually).toBe('Stalled=False NotStalled');
    await expect.poll(() => textOf('full', 'Stalled'), eventually).toBe('Stalled=False NotStalled');
  });

  test('what lets a Pod out of its isolation changes nothing, and says what it was', async () => {
    await makeReady('hostile');
    const before = await uidsOf('hostile');
    await person.edit('hostile', { pools: [pool({ spec: { volumes: [{ name: 'root', hostPath: { path: '/' } }] } })] });
    await expect.poll(() => textOf('hostile', 'Stalled'), eventually).toBe('Stalled=True PodTemplateUnsafe');
    expect((await conditionOf('hostile', 'Stalled'))?.message).toContain('podTemplate.spec.volumes[root].hostPath');
    expect((await world.client.get(vectorPools, 'hostile-data', namespace))?.spec.template).not.toHaveProperty('podTemplate');

    const pastTheCluster = { spec: { template: { podTemplate: { spec: { hostPID: true } } } } };
    await person.edit('hostile', { pools: [pool()] });
    await expect.poll(() => textOf('hostile', 'Stalled'), eventually).toBe('Stalled=False NotStalled');
    await world.client.patch(vectorPools, 'hostile-data', namespace, pastTheCluster);
    await expect.poll(() => textOf('hostile', 'Stalled'), eventually).toBe('Stalled=True PodTemplateUnsafe');
    expect(await uidsOf('hostile')).toEqual(before);
  });
});
