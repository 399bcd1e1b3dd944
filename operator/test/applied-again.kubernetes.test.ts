/** Git and the operator do not fight: what a GitOps tool applies again and again changes nothing, and no field has two owners. */
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import { vectorClusters, vectorCollections, vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownersOf, type OwnedField } from './world/managed-fields.ts';
import { conditionText, namespace, Person } from './world/people.ts';
import { startWorld, type RunningOperator, type World } from './world/world.ts';

const eventually = { timeout: 30_000, interval: 50 };
const timesAgain = 3;
const allReady = 'Ready=True AllNodesReady';

type Manifest = KubeObject & { readonly spec: object };

interface Tool {
  readonly name: string;
  readonly apply: (client: KubeClient, type: ResourceType, manifest: Manifest) => Promise<KubeObject>;
}

const serverSide = (name: string, fieldManager: string): Tool => ({
  name,
  apply: (client, type, manifest) => client.apply(type, manifest, { fieldManager, force: true }),
});

/** As kubectl does: created with a note of what was applied, then patched with all of it, lists as a whole. */
const clientSide: Tool = {
  name: 'kubectl apply',
  async apply(client, type, { metadata, spec, ...kind }) {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ ...kind, metadata, spec }) };
    const noted: Manifest = { ...kind, metadata: { ...metadata, annotations }, spec };
    const { name } = metadata;
    if ((await client.get(type, name, namespace)) === undefined) return client.create(type, noted);
    return client.patch(type, name, namespace, { metadata: { annotations }, spec });
  },
};

const tools: readonly Tool[] = [
  serverSide('argo', 'argocd-controller'),
  serverSide('flux', 'kustomize-controller'),
  serverSide('kubectl', 'kubectl'),
  { ...clientSide, name: 'client' },
];

const cluster = (name: string, pool: object): Manifest => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorCluster',
  metadata: { name, namespace },
  spec: { pools: [{ name: 'data', storage: { size: '1Gi' }, ...pool }] },
});
const collection = (of: string): Manifest => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorCollection',
  metadata: { name: `${of}-products`, namespace },
  spec: { clusterName: of, collection: 'products', shards: 1, vectors: [{ size: 4, distance: 'Dot' }] },
});

const isOperators = (manager: string): boolean => manager.startsWith('vectorcluster-operator');

/** Fields that Git and the operator both set. */
function fought(fields: readonly OwnedField[]): readonly string[] {
  const byPath = Map.groupBy(fields, ({ path }) => path);
  return [...byPath]
    .filter(([, owners]) => owners.some(({ manager }) => isOperators(manager)) && owners.some(({ manager }) => !isOperators(manager)))
    .map(([path]) => path);
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

  const readyOf = async (name: string) => conditionText((await person.clusterStatus(name))?.conditions, 'Ready');
  const stored = async <T extends KubeObject>(type: ResourceType<T>, name: string): Promise<T> => {
    const found = await world.client.get(type, name, namespace);
    if (found === undefined) throw new Error(`${type.kind} ${name} is gone`);
    return found;
  };

  test.for(tools)('$name: a manifest that is applied again changes nothing', async ({ name, apply }) => {
    const { client } = world;
    await apply(client, vectorClusters, cluster(name, { replicas: 2 }));
    await expect.poll(() => readyOf(name), eventually).toBe(allReady);
    await apply(client, vectorCollections, collection(name));
    const ready = async () => conditionText((await person.collection(`${name}-products`))?.status?.conditions, 'Ready');
    await expect.poll(ready, eventually).toBe('Ready=True AllShardsReady');

    const before: readonly [VectorCluster, VectorCollection] = [
      await stored(vectorClusters, name),
      await stored(vectorCollections, `${name}-products`),
    ];
    for (let again = 0; again < timesAgain; again++) {
      await apply(client, vectorClusters, cluster(name, { replicas: 2 }));
      await apply(client, vectorCollections, collection(name));
    }
    const after = [await stored(vectorClusters, name), await stored(vectorCollections, `${name}-products`)];
    expect(after.map(({ metadata, spec }) => [metadata.generation, spec])).toEqual(
      before.map(({ metadata, spec }) => [metadata.generation, spec]),
    );
    expect(after.map(({ metadata }) => metadata.generation)).toEqual([1, 1]);
    for (const object of [...after, await stored(vectorPools, `${name}-data`)]) expect(fought(ownersOf(object))).toEqual([]);
  });

  test.for(tools)('$name: a pool that somebody else scales keeps its size', async ({ name, apply }) => {
    const { client } = world;
    const elastic = `${name}-elastic`;
    const pool = `${elastic}-data`;
    await apply(client, vectorClusters, cluster(elastic, {}));
    await expect.poll(() => readyOf(elastic), eventually).toBe(allReady);
    await client.patch(vectorPools, pool, namespace, { spec: { replicas: 2 } }, { subresource: 'scale' });
    for (let again = 0; again < timesAgain; again++) await apply(client, vectorClusters, cluster(elastic, {}));
    await expect.poll(async () => (await person.clusterStatus(elastic))?.nodesReady, eventually).toBe('2/2');
    await apply(client, vectorClusters, cluster(elastic, {}));
    const [object, scaled] = [await stored(vectorClusters, elastic), await stored(vectorPools, pool)];
    expect(scaled.spec.replicas).toBe(2);
    expect(object.metadata.generation).toBe(1);
    expect(vectorClusterSpec.parse(object.spec).pools[0]?.replicas).toBeUndefined();
    expect(fought(ownersOf(scaled))).toEqual([]);
    expect(ownersOf(scaled).filter(({ path, manager }) => path === 'spec.replicas' && isOperators(manager))).toEqual([]);
  });
});

test('a field that both give would be found', () => {
  const owned = [
    { manager: 'argocd-controller', path: 'spec.replicas' },
    { manager: 'vectorcluster-operator-cluster', path: 'spec.replicas' },
    { manager: 'vectorcluster-operator-cluster', path: 'status.nodes' },
  ];
  expect(fought(owned)).toEqual(['spec.replicas']);
});
