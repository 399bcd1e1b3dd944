/** From Kubernetes objects to a Topology. Pure; what an object lacks yet is absent in the result. */
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { coversAllHashes } from '../coordinator/router.ts';
import { collectionConfigOf } from './collection-config.ts';
import type { ClusterNode, CollectionRoute, Primary, ShardRoute, Topology } from './topology.ts';

/** The little that is needed of a Pod. */
export interface NodePod {
  readonly name: string;
  readonly ip: string | undefined;
}

export interface ClusterObjects {
  readonly collections: readonly VectorCollection[];
  readonly shards: readonly VectorShard[];
  readonly pods: readonly NodePod[];
}

/** Objects of other clusters in the namespace are left out. */
export function buildTopology(cluster: string, objects: ClusterObjects): Topology {
  const nodes = nodesOf(objects.pods);
  const shardsByOwner = Map.groupBy(
    objects.shards.filter((shard) => shard.spec.clusterName === cluster),
    ownerUid,
  );
  const ours = objects.collections.filter((object) => object.spec.clusterName === cluster).toSorted(byAge);
  const collections = new Map<string, CollectionRoute>();
  const aliases = new Map<string, CollectionRoute>();
  for (const object of ours) {
    const isGoing = object.metadata.deletionTimestamp !== undefined;
    // Two objects may claim one collection name; the older holds it, as it does for the operator.
    if (isGoing || collections.has(object.spec.collection)) continue;
    const shards = shardsByOwner.get(object.metadata.uid ?? '') ?? [];
    collections.set(object.spec.collection, collectionRoute(object, shards, nodes));
  }
  for (const collection of collections.values()) {
    for (const alias of collection.spec.aliases ?? []) {
      if (!collections.has(alias) && !aliases.has(alias)) aliases.set(alias, collection);
    }
  }
  return { collections, aliases, uids: new Set(ours.map((object) => object.metadata.uid ?? '')), nodes };
}

function collectionRoute(
  object: VectorCollection,
  shards: readonly VectorShard[],
  nodes: ReadonlyMap<string, ClusterNode>,
): CollectionRoute {
  const routes = shards.map((shard) => shardRoute(shard, nodes)).toSorted((a, b) => (a.first < b.first ? -1 : 1));
  const stalled = object.status?.conditions?.find((condition) => condition.type === 'Stalled' && condition.status === 'True');
  return {
    name: object.spec.collection,
    objectName: object.metadata.name,
    uid: object.metadata.uid ?? '',
    generation: object.metadata.generation ?? 1,
    spec: object.spec,
    config: collectionConfigOf(object.spec),
    shards: routes,
    complete: coversAllHashes(routes),
    stalled: stalled?.message,
  };
}

function shardRoute(shard: VectorShard, nodes: ReadonlyMap<string, ClusterNode>): ShardRoute {
  return {
    uid: shard.metadata.uid ?? '',
    name: shard.metadata.name,
    first: BigInt(`0x${shard.spec.hashRange.first}`),
    last: BigInt(`0x${shard.spec.hashRange.last}`),
    epoch: BigInt(shard.status?.epoch ?? 0),
    primary: primaryOf(shard, nodes),
  };
}

function primaryOf({ status }: VectorShard, nodes: ReadonlyMap<string, ClusterNode>): Primary | undefined {
  const member = status?.members?.find(({ replicaId }) => replicaId === status.primary);
  return member && { replicaId: member.replicaId, node: member.node, address: nodes.get(member.node)?.address };
}

function nodesOf(pods: readonly NodePod[]): ReadonlyMap<string, ClusterNode> {
  const nodes = new Map<string, ClusterNode>();
  for (const { name, ip } of pods) {
    if (ip !== undefined && ip !== '') nodes.set(name, { name, address: ip });
  }
  return nodes;
}

function ownerUid(shard: VectorShard): string {
  return shard.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? '';
}

function byAge(a: VectorCollection, b: VectorCollection): number {
  return ageOf(a) < ageOf(b) ? -1 : 1;
}

function ageOf({ metadata }: VectorCollection): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;
}
