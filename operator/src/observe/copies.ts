/** Shards of a cluster and the nodes that hold or could hold their copies, read into one value. Pure. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { Role, VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { copiesWanted } from '../plan/copies-wanted.ts';
import { epochSeen } from '../plan/older-status.ts';
import { reachOf, type NodeSights, type ReplicaSight } from '../plan/node-sights.ts';
import type { HandOverRefused } from '../plan/ask-hand-over.ts';
import type { CopyNode, ObservedCopies, ObservedCopiesOfShard } from '../plan/observed-copies.ts';
import { endOf, isPodReady } from './pod-state.ts';

export interface CopiesObjects {
  readonly cluster: VectorCluster;
  /** Those of the cluster, as are the following. */
  readonly collections: readonly VectorCollection[];
  readonly shards: readonly VectorShard[];
  readonly pods: readonly Pod[];
  readonly volumes: readonly PersistentVolumeClaim[];
  readonly sights: NodeSights;
  /** For how long a condition of a shard has been what it is. */
  readonly ageMs: (shard: VectorShard, condition: Condition) => number;
  /** How often hand-overs of a shard in the epoch in force came to nothing. */
  readonly handOverRefusals: (shard: VectorShard) => number;
}

/** `awayMs` knows since when a node whose process is not there has been away. */
export function observeCopies(objects: CopiesObjects, awayMs: (node: string) => number): ObservedCopies {
  const { cluster } = objects;
  const nodes = namesOfNodes(objects).map((name) => observeNode(objects, name, awayMs));
  return {
    cluster: cluster.metadata.name,
    gracePeriodMs: cluster.spec.repair.gracePeriodSeconds * 1000,
    isAtRest: isAtRest(cluster),
    nodes,
    shards: observeShards(objects),
  };
}

/** Shards that stay, with what their collections ask for. */
export function observeShards(objects: CopiesObjects): readonly ObservedCopiesOfShard[] {
  const collections = new Map(objects.collections.map((collection) => [collection.metadata.name, collection]));
  const there = new Set(namesOfNodes(objects).filter((name) => isThere(objects, name)));
  return objects.shards
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((shard) => {
      const collection = collections.get(shard.spec.vectorCollection);
      return collection === undefined ? [] : [observeShard(shard, objects, collection, there)];
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

function observeNode(objects: CopiesObjects, name: string, awayMs: (node: string) => number): CopyNode {
  const pod = podOf(objects, name);
  const home: KubeObject | undefined = pod ?? objects.volumes.find(({ metadata }) => metadata.labels?.[labels.node] === name);
  const isHere = isThere(objects, name);
  return {
    name,
    zone: home?.metadata.labels?.[labels.zone] ?? zoneOfMember(objects, name),
    role: roleOf(home?.metadata.labels?.[labels.role]),
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

function isLeaving(objects: CopiesObjects, name: string): boolean {
  const pod = podOf(objects, name);
  const sight = objects.sights.get(name);
  if (pod?.metadata.deletionTimestamp === undefined || sight === undefined) return false;
  return sight.podUid === pod.metadata.uid && reachOf(sight).kind === 'yes';
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

function observeShard(
  shard: VectorShard,
  objects: CopiesObjects,
  collection: VectorCollection,
  there: ReadonlySet<string>,
): ObservedCopiesOfShard {
  const { metadata, spec, status } = shard;
  const members = status?.members ?? [];
  const inSync = (status?.inSync ?? []).map((replicaId) => {
    const node = members.find((member) => member.replicaId === replicaId)?.node ?? '';
    return { replicaId, node, isThere: there.has(node) };
  });
  const primary = inSync.find(({ replicaId }) => replicaId === status?.primary);
  return {
    name: metadata.name,
    precondition: { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' },
    wanted: copiesWanted(collection.spec, objects.cluster.spec.collectionDefaults),
    assignments: spec.assignments,
    epoch: status?.epoch ?? 0,
    epochSeen: Math.max(0, ...members.map((member) => epochSeen({ ...member, facts: factsOf(member, objects) }))),
    epochAgeMs: epochAgeMs(shard, objects),
    minInSync: status?.minInSync ?? 1,
    primary: primary && { node: primary.node, isThere: primary.isThere, isLeaving: isLeaving(objects, primary.node) },
    inSync,
    nodesThere: new Set(spec.assignments.map(({ node }) => node).filter((node) => there.has(node))),
    isHandingOver: status?.handOff !== undefined,
    handOverRefused: handOverRefused(shard, objects),
  };
}

function isAtRest({ metadata, status }: VectorCluster): boolean {
  const statusOf = (type: string) => status?.conditions?.find((condition) => condition.type === type)?.status;
  const isCurrent = status?.observedGeneration === metadata.generation;
  return isCurrent && statusOf('Ready') === 'True' && statusOf('Reconciling') === 'False' && statusOf('Stalled') === 'False';
}

function factsOf({ node, podUid, replicaId }: Member, { sights }: CopiesObjects): ReplicaSight | undefined {
  const sight = sights.get(node);
  return sight?.podUid === podUid ? sight.replicas.get(replicaId) : undefined;
}

/** 0 where it is not known. */
function epochAgeMs(shard: VectorShard, { ageMs }: CopiesObjects): number {
  const raised = conditionOf(shard, 'EpochRaised');
  return raised === undefined ? 0 : ageMs(shard, raised);
}

/** A refusal in an earlier epoch says nothing of the primary of this one. */
function handOverRefused(shard: VectorShard, { ageMs, handOverRefusals }: CopiesObjects): HandOverRefused | undefined {
  const refused = conditionOf(shard, 'HandOver');
  if (refused?.reason !== 'Refused') return undefined;
  if (refused.lastTransitionTime < (conditionOf(shard, 'EpochRaised')?.lastTransitionTime ?? '')) return undefined;
  return { agoMs: ageMs(shard, refused), times: Math.max(1, handOverRefusals(shard)), because: refused.message };
}

function conditionOf({ status }: VectorShard, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
