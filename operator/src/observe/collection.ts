/** A VectorCollection, its shards and its cluster, read into one value. Pure. */
import type { Role, VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { partOfSpace } from '../plan/hash-range.ts';
import type { NodeSights } from '../plan/node-sights.ts';
import type { ObservedCollection, ObservedHome, ObservedPlace, ObservedShardOfCollection } from '../plan/observed-collection.ts';
import { movesOf, stayingCopies } from '../plan/staying-copies.ts';
import { leavingNodes } from './copies.ts';
import { firstReadyAnnotation } from './pod-facts.ts';
import { isPodReady, troubleOf, unscheduledBecause } from './pod-state.ts';

export interface CollectionObjects {
  readonly collection: VectorCollection;
  readonly cluster: VectorCluster | undefined;
  /** Those that name the collection; some may be of one that is gone. */
  readonly shards: readonly VectorShard[];
  /** All of the cluster. They are many, and asked for only when there is something to place. */
  readonly shardsOfCluster: () => readonly VectorShard[];
  /** Those of the cluster, as are the following. */
  readonly collections: readonly VectorCollection[];
  readonly pools: readonly VectorPool[];
  readonly pods: readonly Pod[];
  /** What nodes report; empty where nobody does. */
  readonly sights: NodeSights;
}

export function observeCollection(objects: CollectionObjects): ObservedCollection {
  const { collection, cluster, shards } = objects;
  const { metadata, spec, status } = collection;
  const own = shards.filter((shard) => shard.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    spec,
    cluster: cluster && observeHome(objects, cluster, isWhole(own) ? [] : objects.shardsOfCluster()),
    takenBy: takenBy(objects),
    shardsSeen: status?.shards?.total ?? 0,
    shards: own
      .map((shard) => observeShardOfCollection(shard, objects.sights))
      .toSorted((a, b) => (a.hashRange.first < b.hashRange.first ? -1 : 1)),
  };
}

function isWhole(own: readonly VectorShard[]): boolean {
  const [first] = own;
  return first !== undefined && partOfSpace(first.spec.hashRange)?.shards === own.length;
}

function observeHome({ collection, pools, pods }: CollectionObjects, cluster: VectorCluster, shards: readonly VectorShard[]): ObservedHome {
  const copies = counted(shards.flatMap((shard) => shard.spec.assignments.map(({ node }) => node)));
  const leads = counted(shards.map(leaderOf));
  const leaving = new Set(leavingNodes(pools));
  const isStaying = ({ metadata }: Pod) => metadata.deletionTimestamp === undefined && !leaving.has(metadata.name);
  const places = (role: Role) =>
    pods
      .filter((pod) => pod.metadata.labels?.[labels.role] === role && isStaying(pod))
      .map((pod) => observePlace(pod, copies.get(pod.metadata.name) ?? 0, leads.get(pod.metadata.name) ?? 0));
  return {
    isAdopted: collection.metadata.ownerReferences?.some(({ uid }) => uid === cluster.metadata.uid) ?? false,
    defaults: cluster.spec.collectionDefaults,
    nodesWanted: nodesWanted('Data', cluster, pools),
    readersWanted: nodesWanted('Read', cluster, pools),
    isStalled: cluster.status?.conditions?.some(({ type, status }) => type === 'Stalled' && status === 'True') ?? false,
    nodes: places('Data'),
    readers: places('Read'),
  };
}

function leaderOf({ spec, status }: VectorShard): string {
  const primary = status?.members?.find(({ replicaId }) => replicaId === status.primary);
  return primary?.node ?? spec.assignments[0]?.node ?? '';
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** A pool that is asked for and has no object yet counts with what it asks for. */
function nodesWanted(role: Role, { spec }: VectorCluster, pools: readonly VectorPool[]): number {
  const wanted = spec.pools.filter((pool) => pool.role === role);
  const replicas = wanted.map(({ name, replicas }) => replicas ?? pools.find((pool) => pool.spec.poolName === name)?.spec.replicas ?? 1);
  return replicas.reduce((sum, each) => sum + each, 0);
}

function observePlace(pod: Pod, copies: number, leads: number): ObservedPlace {
  const { name, labels: podLabels, annotations } = pod.metadata;
  const isStarting =
    annotations?.[firstReadyAnnotation] === undefined && troubleOf(pod) === undefined && unscheduledBecause(pod) === undefined;
  const state = isPodReady(pod) ? 'ready' : isStarting ? 'starting' : 'down';
  return { name, zone: podLabels?.[labels.zone] ?? '', copies, leads, state };
}

function observeShardOfCollection({ metadata, spec, status }: VectorShard, sights: NodeSights): ObservedShardOfCollection {
  const primary = status?.members?.find(({ replicaId }) => replicaId === status.primary);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    name: metadata.name,
    hashRange: spec.hashRange,
    isReady: ready?.status === 'True',
    notReadyBecause: ready?.message ?? 'it was made a moment ago',
    voters: stayingCopies(spec.assignments, 'Voter').length,
    learners: stayingCopies(spec.assignments, 'Learner').length,
    moves: movesOf(spec.assignments),
    inSync: status?.inSync?.length ?? 0,
    points: primary && sights.get(primary.node)?.replicas.get(primary.replicaId)?.points,
  };
}

/** The oldest holds a name; collection names go before aliases, as clients resolve them. */
function takenBy({ collection, collections }: CollectionObjects): ObservedCollection['takenBy'] {
  const others = collections.filter(
    (other) =>
      other.metadata.uid !== collection.metadata.uid && other.metadata.deletionTimestamp === undefined && isOlder(other, collection),
  );
  for (const name of [collection.spec.collection, ...(collection.spec.aliases ?? [])]) {
    const holder = others.find(({ spec }) => spec.collection === name || (spec.aliases ?? []).includes(name));
    if (holder !== undefined) return { object: holder.metadata.name, name };
  }
  return undefined;
}

function isOlder(a: VectorCollection, b: VectorCollection): boolean {
  return ageOf(a) < ageOf(b);
}

function ageOf({ metadata }: VectorCollection): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;
}
