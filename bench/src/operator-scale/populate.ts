/** A thousand people who each want a VectorCluster with a collection: some at once, and the next when these have what they want. */
import { setTimeout as sleep } from 'node:timers/promises';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Condition } from '@vectorcluster/crds/meta.ts';
import { collectionObjectName } from '@vectorcluster/crds/names.ts';
import { vectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import { vectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { vectorClusters, vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';
import { inParallel } from './in-parallel.ts';
import { clusterNames, collectionName, storageClassName, zoneKey, type ClusterName, type Scale } from './scale.ts';
import type { View } from './view.ts';

const apiVersion = 'vectorcluster.io/v1';
const requestsAtOnce = 8;
const readyWithinMs = 15 * 60_000;

export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';

  constructor(ready: { readonly clusters: number; readonly collections: number }) {
    super(`after ${readyWithinMs / 60_000} minutes ${ready.clusters} clusters and ${ready.collections} collections are ready`);
  }
}

export interface PopulateOptions {
  readonly client: KubeClient;
  readonly view: View;
  readonly scale: Scale;
  /** Clusters that are asked for at once. */
  readonly batch: number;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Populated {
  /** Of each batch in turn, from its first request until all its collections are ready. */
  readonly batchesMs: readonly number[];
}

/** Collections are made as a client would: when their cluster is ready. */
export async function populate({ client, view, scale, batch, log, signal }: PopulateOptions): Promise<Populated> {
  const names = clusterNames(scale);
  const ready = new Set<string>();
  const failures: unknown[] = [];
  const stop = view.clusters.onChange(({ object }) => {
    const { name, namespace = '' } = object.metadata;
    if (ready.has(name) || !isReady(object.status?.conditions)) return;
    ready.add(name);
    makeCollection(client, { namespace, name }, scale).catch((error: unknown) => failures.push(error));
  });
  const collectionsReady = () => view.collections.list().filter(({ status }) => isReady(status?.conditions)).length;
  const told = setInterval(() => log(`${ready.size} clusters and ${collectionsReady()} collections are ready`), 15_000);
  const batchesMs: number[] = [];
  try {
    for (let asked = 0; asked < names.length; asked += batch) {
      const start = performance.now();
      const wanted = Math.min(asked + batch, names.length);
      await inParallel(names.slice(asked, wanted), requestsAtOnce, (name) => makeCluster(client, name, scale));
      while (collectionsReady() < wanted) {
        signal.throwIfAborted();
        if (failures.length > 0) throw failures[0];
        if (performance.now() - start > readyWithinMs) throw new NotReadyError({ clusters: ready.size, collections: collectionsReady() });
        await sleep(100);
      }
      batchesMs.push(performance.now() - start);
    }
    return { batchesMs };
  } finally {
    clearInterval(told);
    stop();
  }
}

async function makeCluster(client: KubeClient, { namespace, name }: ClusterName, { nodesPerCluster }: Scale): Promise<void> {
  const spec = vectorClusterSpec.parse({
    zones: { topologyKey: zoneKey },
    pools: [{ name: 'data', replicas: nodesPerCluster, storage: { size: '1Gi', storageClassName } }],
    deletionPolicy: 'Delete',
  });
  await client.create(vectorClusters, { apiVersion, kind: 'VectorCluster', metadata: { name, namespace }, spec });
}

async function makeCollection(client: KubeClient, { namespace, name }: ClusterName, { shardsPerCluster, copies }: Scale): Promise<void> {
  const spec = vectorCollectionSpec.parse({
    clusterName: name,
    collection: collectionName,
    shards: shardsPerCluster,
    replicationFactor: copies,
    minInSync: Math.min(2, copies),
    vectors: [{ name: '', size: 384, distance: 'Cosine' }],
  });
  const metadata = { name: collectionObjectName(name, collectionName), namespace, labels: { [labels.cluster]: name } };
  await client.create(vectorCollections, { apiVersion, kind: 'VectorCollection', metadata, spec });
}

export function isReady(conditions: readonly Condition[] | undefined): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
