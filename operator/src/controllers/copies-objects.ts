import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { CopiesObjects } from '../observe/copies.ts';
import { ofCluster, withClusterName } from './caches.ts';
import type { OperatorContext } from './controller.ts';

export function copiesObjects({ caches, sights, memory, now }: OperatorContext, cluster: VectorCluster): CopiesObjects {
  const { name, namespace = '' } = cluster.metadata;
  return {
    cluster,
    collections: withClusterName(caches.collections, namespace, name),
    shards: withClusterName(caches.shards, namespace, name),
    pods: ofCluster(caches.pods, namespace, name),
    kubernetesNodes: caches.kubernetesNodes.list(),
    pools: withClusterName(caches.pools, namespace, name),
    volumes: ofCluster(caches.volumes, namespace, name),
    sights: sights.of(namespace, name),
    ageMs: (shard, condition) => memory.ageMs(shard, condition, now()),
    standstillMs: (shard, copy, position) => memory.standstillMs(shard, copy, position),
    handOverRefusals: (shard) => memory.handOverRefusals(shard),
  };
}
