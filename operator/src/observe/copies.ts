/** Shards of a cluster and the nodes that hold or could hold their copies, read into one value. Pure. */
import type { Role, VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { Node, PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { copiesWanted } from '../plan/copies-wanted.ts';
import { nodesGoing } from './nodes-going.ts';
import { reachOf, type NodeSights } from '../plan/node-sights.ts';
import type { CopyNode, Going, ObservedCopies, ObservedCopiesOfShard } from '../plan/observed-copies.ts';
import { observeCopiesOfShard, type ShardPast } from './copies-of-shard.ts';
import { endOf, isPodReady } from './pod-state.ts';

export interface CopiesObjects extends ShardPast {
  readonly cluster: VectorCluster;
  /** Those of the cluster, as are the following. */
  readonly collections: readonly VectorCollection[];
  readonly shards: readonly VectorShard[];
  readonly pods: readonly Pod[];
  readonly volumes: readonly PersistentVolumeClaim[];
  readonly pools: readonly VectorPool[];
  readonly kubernetesNodes: readonly Node[];
  readonly sights: NodeSights;
}

/** `awayMs` knows since when a node whose process is not there has been away. */
export function observeCopies(objects: CopiesObjects, awayMs: (node: string) => number): ObservedCopies {
  const { cluster } = objects;
  const going = nodesGoing(objects);
  const nodes = namesOfNodes(objects).map((name) => observeNode(objects, name, going, awayMs));
  return {
    cluster: cluster.metadata.name,
    gracePeriodMs: cluster.spec.repair.gracePeriodSeconds * 1000,
    isAtRest: isAtRest(cluster),
    rebalance: cluster.spec.rebalance,
    nodes,
    shards: observeShards(objects),
    leaving: leavingNodes(objects.pools),
  };
}

/** Over pools in order of name. */
export function leavingNodes(pools: readonly VectorPool[]): readonly string[] {
  const inOrder = pools.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return inOrder.flatMap(({ status }) => status?.leaving?.map(({ node }) => node) ?? []);
}

/** Shards that stay, with what their collections ask for. */
export function observeShards(objects: CopiesObjects): readonly ObservedCopiesOfShard[] {
  const collections = new Map(objects.collections.map((collection) => [collection.metadata.name, collection]));
  const names = namesOfNodes(objects);
  const there = new Set(names.filter((name) => isThere(objects, name)));
  const going = nodesGoing(objects);
  return objects.shards
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((shard) => {
      const collection = collections.get(shard.spec.vectorCollection);
      if (collection === undefined) return [];
      const wanted = copiesWanted(collection.spec, objects.cluster.spec.collectionDefaults);
      return [observeCopiesOfShard(shard, { ...objects, wanted, there, going })];
    });
}

/** Nodes whose process is not there, so that it can be remembered since when. */
export function nodesAway(objects: CopiesObjects): readonly string[] {
  return namesOfNodes(objects).filter((name) => !isThere(objects, name));
}

function namesOfNodes({ pods, volumes, shards }: CopiesObjects): readonly string[] {
  const assigned = shards.flatMap(({ spec }) => spec.assignments.map(({ node }) => node));
  const own = [...pods, ...volumes].map(({ metadata }) => metadata.labels?.[labels.node] ?? metadata.name);
  return [...new Set([...own, ...assigned])].toSorted();
}

function observeNode(objects: CopiesObjects, name: string, going: ReadonlyMap<string, Going>, awayMs: (node: string) => number): CopyNode {
  const pod = podOf(objects, name);
  const home: KubeObject | undefined = pod ?? objects.volumes.find(({ metadata }) => metadata.labels?.[labels.node] === name);
  const isHere = isThere(objects, name);
  return {
    name,
    zone: home?.metadata.labels?.[labels.zone] ?? zoneOfMember(objects, name),
    role: roleOf(home?.metadata.labels?.[labels.role]),
    isGoing: going.has(name),
    isReady: isHere && pod !== undefined && isPodReady(pod),
    awayMs: isHere ? undefined : awayMs(name),
  };
}

/** A process that reports, or a Pod that is Ready. A Pod that is going does not count: something is being done about it. */
function isThere(objects: CopiesObjects, name: string): boolean {
  const pod = podOf(objects, name);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || endOf(pod) !== undefined) return false;
  const sight = objects.sights.get(name);
  if (sight !== undefined && sight.podUid === pod.metadata.uid) {
    const reach = reachOf(sight).kind;
    if (reach !== 'doubtful') return reach === 'yes';
  }
  return isPodReady(pod);
}

function podOf({ pods }: CopiesObjects, name: string): Pod | undefined {
  return pods.find(({ metadata }) => metadata.name === name);
}

function zoneOfMember({ shards }: CopiesObjects, name: string): string {
  for (const { status } of shards) {
    const member = status?.members?.find(({ node }) => node === name);
    if (member !== undefined) return member.zone;
  }
  return '';
}

function roleOf(label: string | undefined): Role | undefined {
  return label === 'Data' || label === 'Read' || label === 'Index' ? label : undefined;
}

function isAtRest({ metadata, status }: VectorCluster): boolean {
  const statusOf = (type: string) => status?.conditions?.find((condition) => condition.type === type)?.status;
  const isCurrent = status?.observedGeneration === metadata.generation;
  return isCurrent && statusOf('Ready') === 'True' && statusOf('Reconciling') === 'False' && statusOf('Stalled') === 'False';
}
