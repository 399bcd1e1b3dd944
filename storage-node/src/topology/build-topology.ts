/**
 * From Kubernetes objects to a Topology; what an object lacks yet is absent in the result.
 *
 * Objects are never changed, only replaced, so what one was made into is kept with it: after an event only the routes of that event's
 * objects are made anew, however many collections there are.
 */
import { isDeepStrictEqual } from 'node:util';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { coversAllHashes } from '../coordinator/router.ts';
import { collectionConfigOf } from './collection-config.ts';
import type { ClusterNode, CollectionRoute, Primary, ShardReplica, ShardRoute, Topology } from './topology.ts';

/** The little that is needed of a Pod. */
export interface NodePod {
  readonly name: string;
  readonly ip: string | undefined;
  readonly zone?: string | undefined;
  /** Role of its pool. */
  readonly role?: string | undefined;
  readonly isLeaving?: boolean | undefined;
}

export interface ClusterObjects {
  readonly collections: readonly VectorCollection[];
  readonly shards: readonly VectorShard[];
  readonly pods: readonly NodePod[];
}

type Nodes = ReadonlyMap<string, ClusterNode>;

interface KnownShard {
  readonly route: ShardRoute;
  /** What the route was made with. */
  readonly nodes: Nodes;
}

export class TopologyBuilder {
  readonly #cluster: string;
  readonly #shards = new WeakMap<VectorShard, KnownShard>();
  #nodes: Nodes = new Map();
  readonly #collections = new WeakMap<VectorCollection, CollectionRoute>();

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** A function of the objects alone. Those of other clusters in the namespace are left out. */
  build(objects: ClusterObjects): Topology {
    const nodes = this.#nodesOf(objects.pods);
    const shardsByOwner = new Map<string, ShardRoute[]>();
    for (const shard of objects.shards) {
      if (shard.spec.clusterName !== this.#cluster) continue;
      const owner = ownerUid(shard);
      const route = this.#shardRoute(shard, nodes);
      const siblings = shardsByOwner.get(owner);
      if (siblings === undefined) shardsByOwner.set(owner, [route]);
      else siblings.push(route);
    }
    const collections = new Map<string, CollectionRoute>();
    const uids = new Set<string>();
    for (const object of objects.collections) {
      if (object.spec.clusterName !== this.#cluster) continue;
      const { uid = '', deletionTimestamp } = object.metadata;
      uids.add(uid);
      if (deletionTimestamp !== undefined) continue;
      const route = this.#collectionRoute(object, shardsByOwner.get(uid) ?? []);
      const rival = collections.get(route.name);
      if (rival === undefined || route.age < rival.age) collections.set(route.name, route);
    }
    return { collections, aliases: aliasesOf(collections), uids, nodes };
  }

  /** The same map as before when nothing about the nodes has changed. */
  #nodesOf(pods: readonly NodePod[]): Nodes {
    const nodes = nodesOf(pods);
    if (!isDeepStrictEqual(nodes, this.#nodes)) this.#nodes = nodes;
    return this.#nodes;
  }

  #shardRoute(shard: VectorShard, nodes: Nodes): ShardRoute {
    const known = this.#shards.get(shard);
    if (known?.nodes === nodes) return known.route;
    const made = shardRouteOf(shard, nodes);
    const route = known !== undefined && isDeepStrictEqual(known.route, made) ? known.route : made;
    this.#shards.set(shard, { route, nodes });
    return route;
  }

  #collectionRoute(object: VectorCollection, shards: readonly ShardRoute[]): CollectionRoute {
    const known = this.#collections.get(object);
    if (known !== undefined && known.shards.length === shards.length && shards.every((shard) => known.shards.includes(shard))) return known;
    const route = routeOf(
      object,
      shards.toSorted((a, b) => (a.first < b.first ? -1 : 1)),
    );
    this.#collections.set(object, route);
    return route;
  }
}

function routeOf(object: VectorCollection, shards: readonly ShardRoute[]): CollectionRoute {
  const stalled = object.status?.conditions?.find((condition) => condition.type === 'Stalled' && condition.status === 'True');
  const { name, uid = '', generation = 1, creationTimestamp = '' } = object.metadata;
  return {
    name: object.spec.collection,
    objectName: name,
    uid,
    generation,
    age: `${creationTimestamp} ${uid}`,
    spec: object.spec,
    config: collectionConfigOf(object.spec),
    shards,
    complete: coversAllHashes(shards),
    stalled: stalled?.message,
  };
}

function shardRouteOf(shard: VectorShard, nodes: Nodes): ShardRoute {
  return {
    uid: shard.metadata.uid ?? '',
    name: shard.metadata.name,
    first: BigInt(`0x${shard.spec.hashRange.first}`),
    last: BigInt(`0x${shard.spec.hashRange.last}`),
    epoch: BigInt(shard.status?.epoch ?? 0),
    primary: primaryOf(shard, nodes),
    replicas: replicasOf(shard, nodes),
  };
}

/** Without those that are neither assigned nor in sync: their data goes at any moment. */
function replicasOf({ spec, status }: VectorShard, nodes: Nodes): readonly ShardReplica[] {
  const assigned = new Map(spec.assignments.map(({ node, kind }) => [node, kind]));
  return (status?.members ?? [])
    .flatMap(({ replicaId, node, zone, kind }): readonly ShardReplica[] => {
      const inSync = status?.inSync?.includes(replicaId) ?? false;
      const wanted = assigned.get(node);
      if (wanted === undefined && !inSync) return [];
      const at = nodes.get(node);
      return [
        {
          replicaId,
          node,
          zone: at?.zone ?? zone,
          address: at?.address,
          isLeaving: at?.isLeaving ?? false,
          kind: wanted ?? kind,
          inSync,
          isPrimary: replicaId === status?.primary,
          isReader: wanted === 'Learner' && kind === 'Learner' && (at?.isReader ?? false),
        },
      ];
    })
    .toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

function primaryOf({ status }: VectorShard, nodes: Nodes): Primary | undefined {
  const member = status?.members?.find(({ replicaId }) => replicaId === status.primary);
  return member && { replicaId: member.replicaId, node: member.node, address: nodes.get(member.node)?.address };
}

/** A collection's own name wins over an alias; of two collections that claim one alias the older has it. */
function aliasesOf(collections: ReadonlyMap<string, CollectionRoute>): ReadonlyMap<string, CollectionRoute> {
  const aliases = new Map<string, CollectionRoute>();
  for (const collection of collections.values()) {
    for (const alias of collection.spec.aliases ?? []) {
      const rival = aliases.get(alias);
      if (!collections.has(alias) && (rival === undefined || collection.age < rival.age)) aliases.set(alias, collection);
    }
  }
  return aliases;
}

function nodesOf(pods: readonly NodePod[]): Nodes {
  const nodes = new Map<string, ClusterNode>();
  for (const { name, ip, zone = '', role, isLeaving = false } of pods) {
    if (ip !== undefined && ip !== '') nodes.set(name, { name, address: ip, zone, isReader: role === 'Read', isLeaving });
  }
  return nodes;
}

function ownerUid(shard: VectorShard): string {
  return shard.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? '';
}
