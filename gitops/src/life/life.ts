/** What a cluster goes through in a year, in minutes: every way in which a GitOps tool sees it work, wait, and be done. */
import { namespace, type LocalClusterUnderTest } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { vectorClusters, vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';
import { kstatusOf } from '../kstatus.ts';
import type { LifeRecord, OwnObject, Snapshot } from './record.ts';
import { Recorder } from './recorder.ts';
import { workLeft } from './work-left.ts';

const cluster = 'shop';
const collection = 'shop-products';

/** The same program to a local cluster, another image to the operator. */
const otherImage = `vectorcluster/storage-node:0.1.0@sha256:${'a'.repeat(64)}`;
const missingImage = 'vectorcluster/storage-node:9.9.9';

interface StageOfLife {
  readonly name: string;
  readonly act: (local: LocalClusterUnderTest) => Promise<unknown>;
  readonly until: (now: Snapshot) => boolean;
}

const requests = { resources: { requests: { cpu: '10m' } } };
const pool = (parts: object) => ({ pools: [{ name: 'data', role: 'Data', replicas: 3, storage: { size: '10Gi' }, ...parts }] });
const zones = (values: readonly string[] | null) => ({ zones: { topologyKey: 'topology.kubernetes.io/zone', values } });

const stages: readonly StageOfLife[] = [
  { name: 'created', act: (local) => local.applyQuickstart(), until: isDone },
  { name: 'collection made', act: ({ kube }) => makeCollection(kube), until: isDone },
  { name: 'other image', act: ({ kube }) => edit(kube, { image: otherImage }), until: isDone },
  { name: 'other resources', act: ({ kube }) => edit(kube, pool(requests)), until: isDone },
  { name: 'process killed', act: (local) => killNode(local, 'shop-data-1'), until: isDone },
  { name: 'paused', act: ({ kube }) => edit(kube, { update: { pause: true }, image: `${otherImage.slice(0, -1)}b` }), until: isSeen },
  { name: 'resumed', act: ({ kube }) => edit(kube, { update: { pause: false }, image: otherImage }), until: isDone },
  { name: 'missing image', act: ({ kube }) => edit(kube, { image: missingImage }), until: isStalled },
  { name: 'image put back', act: ({ kube }) => edit(kube, { image: otherImage }), until: isDone },
  { name: 'scaled out', act: ({ kube }) => edit(kube, pool({ ...requests, replicas: 4 })), until: isDone },
  {
    name: 'zone without nodes',
    act: ({ kube }) => edit(kube, { ...pool({ ...requests, replicas: 5 }), ...zones(['a', 'b', 'c', 'd']) }),
    until: isStalled,
  },
  { name: 'zone taken out', act: ({ kube }) => edit(kube, { ...pool({ ...requests, replicas: 4 }), ...zones(null) }), until: isDone },
  { name: 'more copies than nodes', act: ({ kube }) => editCollection(kube, { replicationFactor: 5 }), until: isTooMuch },
  { name: 'fewer copies', act: ({ kube }) => editCollection(kube, { replicationFactor: 2 }), until: isDone },
  { name: 'scaled in', act: ({ kube }) => edit(kube, pool(requests)), until: isDone },
  { name: 'deleted', act: ({ kube }) => kube.delete(vectorClusters, cluster, namespace), until: isGone },
];

export async function recordLife(local: LocalClusterUnderTest): Promise<LifeRecord> {
  await using recorder = new Recorder();
  await recorder.start(local.kube, namespace);
  for (const { name, act, until } of stages) {
    recorder.beginStage(name);
    await act(local);
    await recorder.until(name, until);
  }
  return recorder.record;
}

async function makeCollection(kube: KubeClient): Promise<void> {
  const spec = { clusterName: cluster, collection: 'products', shards: 2, vectors: [{ name: '', size: 4, distance: 'Dot' as const }] };
  await kube.create(vectorCollections, {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorCollection',
    metadata: { name: collection, namespace },
    spec,
  });
}

async function edit(kube: KubeClient, spec: object): Promise<void> {
  await kube.patch(vectorClusters, cluster, namespace, { spec });
}

async function editCollection(kube: KubeClient, spec: object): Promise<void> {
  await kube.patch(vectorCollections, collection, namespace, { spec });
}

async function killNode(local: LocalClusterUnderTest, node: string): Promise<void> {
  const pid = (await local.storageNodes()).get(node);
  if (pid === undefined) throw new Error(`${node} does not run`);
  process.kill(pid, 'SIGKILL');
}

function isDone(now: Snapshot): boolean {
  return allOf(now, (object) => workLeft(object, now) === undefined && kstatusOf(object).verdict === 'Current');
}

function isSeen({ own }: Snapshot): boolean {
  return [...own.values()].every(({ metadata, status }) => status?.observedGeneration === metadata.generation);
}

function isStalled({ own }: Snapshot): boolean {
  const found = own.get(`VectorCluster ${cluster}`);
  return found?.status?.conditions?.some(({ type, status }) => type === 'Stalled' && status === 'True') ?? false;
}

function isTooMuch({ own }: Snapshot): boolean {
  const found = own.get(`VectorCollection ${collection}`);
  return found !== undefined && kstatusOf(found).verdict === 'Failed';
}

function isGone({ own }: Snapshot): boolean {
  return own.size === 0;
}

function allOf({ own }: Snapshot, holds: (object: OwnObject) => boolean): boolean {
  return own.size > 0 && [...own.values()].every(holds);
}
