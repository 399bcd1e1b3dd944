/**
 * What a person reads when a manifest is refused, word for word, on every API server: the field, what is wrong with it, and what to do.
 * Where the API server itself checks (lengths, patterns, unknown fields) the words are its own.
 */
import { at, listOf, textOf, type JsonObject } from '../src/api-server/core/json.ts';
import { customResourceDefinitions } from '../src/bootstrap/definitions.ts';
import { controlPlanes, type RunningControlPlane } from '../src/testing/control-planes.ts';
import { KubernetesConnection, type Reply } from '../src/testing/kubernetes-connection.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const pool = { name: 'data', role: 'Data', replicas: 3, storage: { size: '10Gi' } };
const cluster = { pools: [pool] };
const collection = { clusterName: 'shop', collection: 'products', vectors: [{ name: '', size: 4, distance: 'Dot' }] };

type Spec = JsonObject;

/** Kind as in paths. */
type Kind = 'vectorclusters' | 'vectorpools' | 'vectorcollections';

const kindNames = { vectorclusters: 'VectorCluster', vectorpools: 'VectorPool', vectorcollections: 'VectorCollection' } as const;

interface Refused {
  readonly what: string;
  readonly kind: Kind;
  /** As it is before; undefined where the object is new. */
  readonly before?: Spec;
  readonly spec: Spec;
  readonly name?: string;
  readonly says: readonly string[];
}

const refused: readonly Refused[] = [
  {
    what: 'two pools of one name',
    kind: 'vectorclusters',
    spec: { pools: [pool, pool] },
    says: [
      'spec.pools: pools has two of one name, after which nodes and volumes are named; give each pool its own name',
      'spec.pools[1]: Duplicate value: {"name":"data"}',
    ],
  },
  {
    what: 'no pool that holds data',
    kind: 'vectorclusters',
    spec: { pools: [{ ...pool, role: 'Read' }] },
    says: ['spec.pools: pools needs one with role Data: only Data nodes hold voting copies of shards'],
  },
  {
    what: 'a role that is not served',
    kind: 'vectorclusters',
    spec: { pools: [pool, { ...pool, name: 'builders', role: 'Index' }] },
    says: ['spec.pools[1].role: role Index is not served by this version; use Data or Read'],
  },
  {
    what: 'another role',
    kind: 'vectorclusters',
    before: { pools: [pool, { ...pool, name: 'more' }] },
    spec: { pools: [pool, { ...pool, name: 'more', role: 'Read' }] },
    says: ['spec.pools[1].role: role of a pool cannot change: its nodes hold what the role says; add a pool with the other role instead'],
  },
  {
    what: 'a smaller volume',
    kind: 'vectorclusters',
    before: cluster,
    spec: { pools: [{ ...pool, storage: { size: '9Gi' } }] },
    says: ['spec.pools[0].storage.size: size cannot shrink: a volume cannot give space back; make a new pool with smaller volumes instead'],
  },
  {
    what: 'minInSync above replicationFactor',
    kind: 'vectorclusters',
    spec: { ...cluster, collectionDefaults: { replicationFactor: 2, minInSync: 3 } },
    says: ['spec.collectionDefaults.minInSync: minInSync cannot be above replicationFactor: no write could ever be acknowledged; lower it'],
  },
  {
    what: 'minInSync above replicationFactor in a collection',
    kind: 'vectorcollections',
    spec: { ...collection, replicationFactor: 2, minInSync: 3 },
    says: ['spec.minInSync: minInSync cannot be above replicationFactor: no write could ever be acknowledged; lower it'],
  },
  {
    what: 'version and image',
    kind: 'vectorclusters',
    spec: { ...cluster, version: '0.1.0', image: 'vectorcluster/storage-node:0.1.0' },
    says: ['spec: give version or image, not both: image already says which version runs'],
  },
  {
    what: 'a pool without storage',
    kind: 'vectorclusters',
    spec: { pools: [{ name: 'data', role: 'Data' }] },
    says: ['spec.pools[0]: storage is required: nodes that hold shards need a volume; give storage.size'],
  },
  {
    what: 'a cluster name too long',
    kind: 'vectorclusters',
    name: 'n'.repeat(31),
    spec: cluster,
    says: [
      'metadata.name of a VectorCluster has at most 30 characters, because names of other objects are derived from it; choose a shorter one',
    ],
  },
  {
    what: 'a pool name too long',
    kind: 'vectorclusters',
    spec: { pools: [{ ...pool, name: 'n'.repeat(21) }] },
    says: ['spec.pools[0].name: Too long: may not be more than 20 bytes'],
  },
  {
    what: 'a collection name too long',
    kind: 'vectorcollections',
    spec: { ...collection, collection: 'n'.repeat(256) },
    says: ['spec.collection: Too long: may not be more than 255 bytes'],
  },
  {
    what: 'a field that there is not',
    kind: 'vectorclusters',
    spec: { ...cluster, replicas: 3 },
    says: ['strict decoding error: unknown field "spec.replicas"'],
  },
  {
    what: 'a field that there is not, inside a pool',
    kind: 'vectorclusters',
    spec: { pools: [{ ...pool, size: '10Gi' }] },
    says: ['strict decoding error: unknown field "spec.pools[0].size"'],
  },
  {
    what: 'no zones',
    kind: 'vectorclusters',
    spec: { ...cluster, zones: { values: [] } },
    says: ['spec.zones.values: Invalid value: 0: spec.zones.values in body should have at least 1 items'],
  },
  {
    what: 'another pool name, in the pool',
    kind: 'vectorpools',
    before: { clusterName: 'shop', poolName: 'data' },
    spec: { clusterName: 'shop', poolName: 'other' },
    says: ['spec: clusterName and poolName cannot change: the nodes and volumes carry them; make a new pool instead'],
  },
  {
    what: 'other vectors',
    kind: 'vectorcollections',
    before: collection,
    spec: { ...collection, vectors: [{ name: '', size: 8, distance: 'Dot' }] },
    says: ['spec.vectors: vectors cannot change: stored points have their shape; make a new collection and copy the points'],
  },
  {
    what: 'another number of shards',
    kind: 'vectorcollections',
    before: { ...collection, shards: 2 },
    spec: { ...collection, shards: 3 },
    says: ['spec.shards: shards cannot change: resharding is not served by this version; make a new collection instead'],
  },
  {
    what: 'another name of a collection',
    kind: 'vectorcollections',
    before: collection,
    spec: { ...collection, collection: 'other' },
    says: ['spec: clusterName and collection cannot change: shards are placed and named by them; make a new collection instead'],
  },
];

/** Causes by field; what differs between servers by nature, and what tells nothing, is left out. */
function wordsOf(body: JsonObject): readonly string[] {
  const causes = listOf(at(body, 'details', 'causes')).map((cause) => `${textOf(at(cause, 'field'))}: ${textOf(at(cause, 'message'))}`);
  return (causes.length > 0 ? causes : [textOf(body['message']) ?? ''])
    .filter((text) => !text.includes('some validation rules were not checked'))
    .map((text) =>
      text
        .replace(/^(<nil>)?: /, '')
        .replace('Invalid value: "object": ', '')
        .replace(/^.*(?=strict decoding error)/, ''),
    )
    .toSorted();
}

describe.each(controlPlanes())('on $name', (controlPlane) => {
  let running: RunningControlPlane;
  let connection: KubernetesConnection;
  let names = 0;
  beforeAll(async () => {
    running = await controlPlane.start({ crds: await customResourceDefinitions() });
    connection = KubernetesConnection.fromKubeconfig(running.kubeconfig);
  });
  afterAll(async () => {
    connection?.close();
    await running?.[Symbol.asyncDispose]();
  });

  /** As kubectl does, with unknown fields refused. */
  function send(method: string, kind: Kind, name: string, spec: Spec, version?: string): Promise<Reply> {
    const path = `/apis/vectorcluster.io/v1/namespaces/default/${kind}${method === 'PUT' ? `/${name}` : ''}?fieldValidation=Strict`;
    const metadata = { name, namespace: 'default', ...(version !== undefined && { resourceVersion: version }) };
    const body = { apiVersion: 'vectorcluster.io/v1', kind: kindNames[kind], metadata, spec };
    return connection.request(method, path, { body });
  }

  async function attempt({ kind, before, spec, name = `object-${++names}` }: Refused): Promise<Reply> {
    if (before === undefined) return send('POST', kind, name, spec);
    const made = await send('POST', kind, name, before);
    return send('PUT', kind, name, spec, textOf(at(made.body, 'metadata', 'resourceVersion')));
  }

  test.for(refused.map((each) => [each.what, each] as const))('%s', async ([, each]) => {
    const { code, body } = await attempt(each);
    expect([400, 422]).toContain(code);
    expect(wordsOf(body)).toEqual(each.says);
  });
});
