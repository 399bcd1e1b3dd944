/** Pools, Pods, volumes and Kubernetes nodes of one cluster, read into one value. Pure; what the caches say is the input. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { Node, PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import { ordinalOf } from '../plan/names.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from '../plan/observed-nodes.ts';
import { topologyKeyAnnotation } from '../resources/persistent-volume-claim.ts';
import { observeShards, type CopiesObjects } from './copies.ts';
import { differenceOf } from './difference.ts';
import { usableZones } from './kubernetes-zones.ts';
import { observeObject } from './objects.ts';
import { podFacts } from './pod-facts.ts';
import { observePod } from './pod-state.ts';
import { budgetOf, podOf, volumeOf } from './wanted-objects.ts';

export interface NodeObjects extends CopiesObjects {
  readonly storageNodeImage: string;
  readonly pools: readonly VectorPool[];
  readonly budgets: readonly PodDisruptionBudget[];
  readonly kubernetesNodes: readonly Node[];
}

export function observeNodes(objects: NodeObjects): ObservedNodes {
  const { cluster } = objects;
  return {
    cluster: cluster.metadata.name,
    zonesWanted: cluster.spec.zones.values,
    topologyKey: cluster.spec.zones.topologyKey,
    isPaused: cluster.spec.update.pause,
    pools: objects.pools
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((pool) => observePool(objects, pool)),
    shards: observeShards(objects),
  };
}

function observePool(objects: NodeObjects, pool: VectorPool): ObservedPool {
  const budget = budgetOf(pool);
  const live = objects.budgets.find(({ metadata }) => metadata.name === budget.metadata.name);
  return {
    name: pool.spec.poolName,
    objectName: pool.metadata.name,
    role: pool.spec.role,
    replicas: replicasOf(objects.cluster, pool),
    hasStorage: pool.spec.template.storage !== undefined,
    usableZones: usableZones(objects.kubernetesNodes, objects.cluster.spec.zones.topologyKey, pool.spec.template),
    nodes: nodesOf(objects, pool),
    objects: [observeObject(budget, live)],
  };
}

/** Where the cluster says a number it holds at once, whatever somebody made of the pool's meanwhile. */
function replicasOf({ spec }: VectorCluster, pool: VectorPool): number {
  return spec.pools.find(({ name }) => name === pool.spec.poolName)?.replicas ?? pool.spec.replicas;
}

function nodesOf(objects: NodeObjects, pool: VectorPool): readonly ObservedNode[] {
  const isOfPool = ({ metadata }: Pod | PersistentVolumeClaim) =>
    metadata.labels?.[labels.cluster] === pool.spec.clusterName && metadata.labels[labels.pool] === pool.spec.poolName;
  const pods = new Map(objects.pods.filter(isOfPool).map((pod) => [pod.metadata.name, pod]));
  const volumes = new Map(objects.volumes.filter(isOfPool).map((volume) => [volume.metadata.labels?.[labels.node] ?? '', volume]));
  const names = new Set([...pods.keys(), ...volumes.keys()]);
  return [...names]
    .flatMap((name) => {
      const ordinal = ordinalOf(pool.metadata.name, name);
      return ordinal === undefined ? [] : [observeNode(objects, pool, { name, ordinal, pod: pods.get(name), volume: volumes.get(name) })];
    })
    .toSorted((a, b) => a.ordinal - b.ordinal);
}

interface NodeParts {
  readonly name: string;
  readonly ordinal: number;
  readonly pod: Pod | undefined;
  readonly volume: PersistentVolumeClaim | undefined;
}

function observeNode(objects: NodeObjects, pool: VectorPool, { name, ordinal, pod, volume }: NodeParts): ObservedNode {
  const { cluster, storageNodeImage } = objects;
  const home = volume ?? pod;
  const zone = home?.metadata.labels?.[labels.zone] ?? '';
  const topologyKey = home?.metadata.annotations?.[topologyKeyAnnotation] ?? cluster.spec.zones.topologyKey;
  const place = { name, zone, topologyKey };
  const wantedVolume = volumeOf(cluster, pool, place);
  return {
    ...place,
    ordinal,
    pod: pod && observePod(pod, podFacts(podOf(cluster, pool, place, storageNodeImage))),
    volume: volume && {
      isDeleting: volume.metadata.deletionTimestamp !== undefined,
      difference: wantedVolume && differenceOf(volume, wantedVolume),
    },
  };
}
