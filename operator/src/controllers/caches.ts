/** Everything the operator reads, as informers. Our own objects are found by label; what can be somebody else's is read before it is written. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer, type InformerOptions } from '@vectorcluster/kube/informer.ts';
import { objectKey, type KubeObject, type ResourceType } from '@vectorcluster/kube/object.ts';
import { nodes, persistentVolumeClaims, pods, serviceAccounts, services } from '@vectorcluster/kube/types/core.ts';
import { podDisruptionBudgets } from '@vectorcluster/kube/types/policy.ts';
import { roleBindings, roles } from '@vectorcluster/kube/types/rbac.ts';
import { storageClasses } from '@vectorcluster/kube/types/storage.ts';
import { vectorClusters, vectorCollections, vectorPools, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { leanPod } from '../observe/lean-pod.ts';
import { managedBy } from '../resources/object-labels.ts';
import { clusterKeyByLabel, clusterKeyBySpec, type NamesCluster } from './keys.ts';

export type Caches = ReturnType<typeof createCaches>;

export interface CacheOptions extends Pick<InformerOptions, 'metrics' | 'log' | 'now' | 'random' | 'sleep'> {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
}

export function createCaches(client: KubeClient, { namespace, ...options }: CacheOptions) {
  const where = namespace === undefined ? {} : { namespace };
  const everything = <T extends KubeObject>(type: ResourceType<T>) => new Informer(client, type, { ...options, ...where });
  const ours = <T extends KubeObject>(type: ResourceType<T>, keep?: (object: T) => T) =>
    new Informer(client, type, { ...options, ...where, labelSelector: `${labels.managedBy}=${managedBy}`, ...(keep && { keep }) });
  return {
    clusters: everything(vectorClusters),
    pools: everything(vectorPools),
    collections: everything(vectorCollections),
    shards: everything(vectorShards),
    pods: ours(pods, leanPod),
    volumes: ours(persistentVolumeClaims),
    services: ours(services),
    serviceAccounts: ours(serviceAccounts),
    roles: ours(roles),
    roleBindings: ours(roleBindings),
    budgets: ours(podDisruptionBudgets),
    kubernetesNodes: new Informer(client, nodes, options),
    storageClasses: new Informer(client, storageClasses, options),
  } as const;
}

export async function startCaches(caches: Caches, signal: AbortSignal): Promise<void> {
  const all = Object.values(caches);
  for (const informer of all) informer.start(signal);
  await Promise.all(all.map((informer) => informer.synced()));
}

/** Disposes of all informers; their watches have ended when it resolves. */
export async function stopCaches(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((informer) => informer[Symbol.asyncDispose]()));
}

type ShardCache = Pick<Informer<VectorShard>, 'listBy'>;

const byClusterLabel = (object: KubeObject): readonly string[] => {
  const key = clusterKeyByLabel(object);
  return key === undefined ? [] : [key];
};

const byClusterName = (object: NamesCluster): readonly string[] => [clusterKeyBySpec(object)];

/** Live objects of one namespace that carry a cluster's label. */
export function ofCluster<T extends KubeObject>(informer: Pick<Informer<T>, 'listBy'>, namespace: string, cluster: string): readonly T[] {
  return informer.listBy(byClusterLabel, objectKey(namespace, cluster));
}

/** Our own kinds name their cluster in the spec. */
export function withClusterName<T extends NamesCluster>(
  informer: Pick<Informer<T>, 'listBy'>,
  namespace: string,
  cluster: string,
): readonly T[] {
  return informer.listBy(byClusterName, objectKey(namespace, cluster));
}

const byCollection = ({ metadata, spec }: VectorShard): readonly string[] => [objectKey(metadata.namespace, spec.vectorCollection)];

export function shardsOfCollection(shards: ShardCache, namespace: string, vectorCollection: string): readonly VectorShard[] {
  return shards.listBy(byCollection, objectKey(namespace, vectorCollection));
}

const byNode = ({ metadata, spec, status }: VectorShard): readonly string[] => {
  const nodesNamed = [...spec.assignments, ...(status?.members ?? [])].map(({ node }) => node);
  return Array.from(new Set(nodesNamed), (node) => objectKey(metadata.namespace, node));
};

/** Those that have a copy on the node, or should have. */
export function shardsOnNode(shards: ShardCache, namespace: string, node: string): readonly VectorShard[] {
  return shards.listBy(byNode, objectKey(namespace, node));
}
