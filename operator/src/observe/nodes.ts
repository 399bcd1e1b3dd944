/** Pools, Pods, volumes and Kubernetes nodes of one cluster, read into one value. Pure; what the caches say is the input. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import type { StorageClass } from '@vectorcluster/kube/types/storage.ts';
import { disruptionsAllowed } from '../plan/disruptions.ts';
import { ordinalOf } from '../plan/names.ts';
import type { ObservedCopiesOfShard } from '../plan/observed-copies.ts';
import type { ObservedNode, ObservedNodes, ObservedObject, ObservedPool } from '../plan/observed-nodes.ts';
import { topologyKeyAnnotation } from '../resources/persistent-volume-claim.ts';
import { observeShards, type CopiesObjects } from './copies.ts';
import { isReady, usableZones } from './kubernetes-zones.ts';
import { observeObject } from './objects.ts';
import { podFacts } from './pod-facts.ts';
import { isPodReady, observePod } from './pod-state.ts';
import { becauseAnnotation } from '../resources/pod-disruption-budget.ts';
import { observeVolume } from './volume-state.ts';
import { budgetOf, podOf } from './wanted-objects.ts';

export interface NodeObjects extends CopiesObjects {
  readonly storageNodeImage: string;
  readonly allowsUnsafePodTemplates: boolean;
  readonly pools: readonly VectorPool[];
  readonly budgets: readonly PodDisruptionBudget[];
  readonly storageClasses: readonly StorageClass[];
}

export function observeNodes(objects: NodeObjects): ObservedNodes {
  const { cluster } = objects;
  const shards = observeShards(objects);
  return {
    cluster: cluster.metadata.name,
    zonesWanted: cluster.spec.zones.values,
    topologyKey: cluster.spec.zones.topologyKey,
    isPaused: cluster.spec.update.pause,
    allowsUnsafePodTemplates: objects.allowsUnsafePodTemplates,
    pools: objects.pools
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((pool) => observePool(objects, pool, shards)),
    shards,
    copiesOn: copiesOn(objects.shards),
    withoutShards: withoutShards(objects),
    volumes: new Map([...objects.sights].flatMap(([node, { volume }]) => (volume === undefined ? [] : [[node, volume] as const]))),
  };
}

function observePool(objects: NodeObjects, pool: VectorPool, shards: readonly ObservedCopiesOfShard[]): ObservedPool {
  const budget = wantedBudget(objects, pool, shards);
  const live = objects.budgets.find(({ metadata }) => metadata.name === budget.metadata.name);
  return {
    name: pool.spec.poolName,
    objectName: pool.metadata.name,
    role: pool.spec.role,
    isRemoved: wantedPool(objects.cluster, pool) === undefined,
    leaving: pool.status?.leaving ?? [],
    replicas: replicasOf(objects.cluster, pool),
    hasStorage: pool.spec.template.storage !== undefined,
    podTemplate: pool.spec.template.podTemplate,
    usableZones: usableZones(objects.kubernetesNodes, objects.cluster.spec.zones.topologyKey, pool.spec.template),
    nodes: nodesOf(objects, pool),
    objects: [observeBudget(budget, live)],
  };
}

export function wantedBudget(objects: NodeObjects, pool: VectorPool, shards = observeShards(objects)) {
  const data = objects.pools.filter(({ spec }) => spec.role === 'Data');
  const dataNodes = data.reduce((sum, each) => sum + Math.max(replicasOf(objects.cluster, each), namesIn(objects, each).length), 0);
  return budgetOf(pool, disruptionsAllowed(pool.spec.role, shards, dataNodes));
}

/** What it is changed for says more than its fields do. */
function observeBudget(budget: ReturnType<typeof wantedBudget>, live: PodDisruptionBudget | undefined): ObservedObject {
  const observed = observeObject(budget, live);
  const { maxUnavailable } = budget.spec;
  if (observed.state.kind !== 'different' || live?.spec?.maxUnavailable === maxUnavailable) return observed;
  const difference = `maxUnavailable becomes ${maxUnavailable}: ${budget.metadata.annotations[becauseAnnotation]}`;
  return { ...observed, state: { kind: 'different', difference } };
}

function wantedPool({ spec }: VectorCluster, pool: VectorPool) {
  return spec.pools.find(({ name }) => name === pool.spec.poolName);
}

/** Where the cluster says a number it holds at once, whatever somebody made of the pool's meanwhile. */
function replicasOf(cluster: VectorCluster, pool: VectorPool): number {
  const wanted = wantedPool(cluster, pool);
  return wanted === undefined ? 0 : (wanted.replicas ?? pool.spec.replicas);
}

function withoutShards({ collections, shards }: NodeObjects): readonly string[] {
  const there = Map.groupBy(shards, ({ spec }) => spec.vectorCollection);
  return collections
    .filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && (status?.shards?.total ?? 0) > (there.get(metadata.name)?.length ?? 0),
    )
    .map(({ metadata }) => metadata.name)
    .toSorted();
}

/** Shards that are being deleted, or whose collection is, count too: their data are there as long as they are. */
function copiesOn(shards: readonly VectorShard[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { spec, status } of shards) {
    const nodes = new Set([...spec.assignments, ...(status?.members ?? [])].map(({ node }) => node));
    for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

function namesIn(objects: NodeObjects, { spec }: VectorPool): readonly string[] {
  const own = [...objects.pods, ...objects.volumes].filter(
    ({ metadata }) => metadata.labels?.[labels.cluster] === spec.clusterName && metadata.labels[labels.pool] === spec.poolName,
  );
  return [...new Set(own.map(({ metadata }) => metadata.labels?.[labels.node] ?? metadata.name))];
}

function nodesOf(objects: NodeObjects, pool: VectorPool): readonly ObservedNode[] {
  const pods = new Map(objects.pods.map((pod) => [pod.metadata.name, pod]));
  const volumes = new Map(objects.volumes.map((volume) => [volume.metadata.labels?.[labels.node] ?? '', volume]));
  return namesIn(objects, pool)
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
  const { cluster, storageNodeImage, storageClasses } = objects;
  const home = volume ?? pod;
  const zone = home?.metadata.labels?.[labels.zone] ?? '';
  const topologyKey = home?.metadata.annotations?.[topologyKeyAnnotation] ?? cluster.spec.zones.topologyKey;
  const place = { name, zone, topologyKey };
  return {
    ...place,
    ordinal,
    silentMachine: pod && !isPodReady(pod) ? silentMachineOf(pod, objects) : undefined,
    pod: pod && observePod(pod, podFacts(podOf(cluster, pool, place, storageNodeImage))),
    volume: volume && observeVolume(volume, { cluster, pool, place, storageClasses }),
  };
}

function silentMachineOf(pod: Pod, { kubernetesNodes }: NodeObjects): string | undefined {
  const machine = kubernetesNodes.find(({ metadata }) => metadata.name === pod.spec?.nodeName);
  return machine === undefined || isReady(machine) ? undefined : machine.metadata.name;
}
