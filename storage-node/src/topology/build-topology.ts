/**
 * From Kubernetes objects to a Topology; what an object lacks yet is absent in the result.
 *
 * Objects are never changed, only replaced, so what one was made into is kept with it: after an event only the routes of that event's
 * objects are made anew, however many collections there are. A node that is lost changes thousands of shards within seconds, while
 * requests wait for the next topology after each of them: where only shards have changed, only their collections are looked at.
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

/** What was built last, and from what. */
interface Built {
  readonly collections: readonly VectorCollection[];
  readonly shards: readonly VectorShard[];
  readonly topology: Topology;
  /** Routes of shards by the UID of their collection. */
  readonly shardsByOwner: Map<string, readonly ShardRoute[]>;
  /** Collections that are not being deleted, by UID. */
  readonly collectionsByUid: ReadonlyMap<string, VectorCollection>;
}

interface ChangedShard {
  readonly shard: VectorShard;
  readonly owner: string;
}

/** Of more, everything is looked at: it costs less. */
const fewShards = 64;

export class TopologyBuilder {
  readonly #cluster: string;
  #built: Built | undefined;
  readonly #shards = new WeakMap<VectorShard, KnownShard>();
  #nodes: Nodes = new Map();
  readonly #collections = new WeakMap<VectorCollection, CollectionRoute>();

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** A function of the objects alone. Those of other clusters in the namespace are left out. */
  build(objects: ClusterObjects): Topology {
    const nodes = this.#nodesOf(objects.pods);
    const changed = changedShards(this.#built, objects, nodes);
    this.#built = this.#built && changed ? this.#after(this.#built, objects, changed) : this.#anew(objects, nodes);
    return this.#built.topology;
  }

  #after(built: Built, { shards }: ClusterObjects, changed: readonly ChangedShard[]): Built {
    const { shardsByOwner, collectionsByUid, topology } = built;
    const { nodes, uids } = topology;
    const collections = new Map(topology.collections);
    for (const { shard, owner } of changed) {
      if (shard.spec.clusterName !== this.#cluster) continue;
      const route = this.#shardRoute(shard, nodes);
      const siblings = (shardsByOwner.get(owner) ?? []).map((each) => (each.uid === route.uid ? route : each));
      shardsByOwner.set(owner, siblings);
      const object = collectionsByUid.get(owner);
      const collection = object && this.#collectionRoute(object, siblings);
      if (collection !== undefined && collections.get(collection.name)?.uid === collection.uid)
        collections.set(collection.name, collection);
    }
    return { ...built, shards, topology: { collections, aliases: aliasesOf(collections), uids, nodes } };
  }

  #anew(objects: ClusterObjects, nodes: Nodes): Built {
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
    const collectionsByUid = new Map<string, VectorCollection>();
    const uids = new Set<string>();
    for (const object of objects.collections) {
      if (object.spec.clusterName !== this.#cluster) continue;
      const { uid = '', deletionTimestamp } = object.metadata;
      uids.add(uid);
      if (deletionTimestamp !== undefined) continue;
      collectionsByUid.set(uid, object);
      const route = this.#collectionRoute(object, shardsByOwner.get(uid) ?? []);
      const rival = collections.get(route.name);
      if (rival === undefined || route.age < rival.age) collections.set(route.name, route);
    }
    const topology = { collections, aliases: aliasesOf(collections), uids, nodes };
    return { collections: objects.collections, shards: objects.shards, topology, shardsByOwner, collectionsByUid };
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

/** Undefined when more has changed than the status or the assignments of few shards. */
function changedShards(
  built: Built | undefined,
  { collections, shards }: ClusterObjects,
  nodes: Nodes,
): readonly ChangedShard[] | undefined {
  if (built?.collections !== collections || built.topology.nodes !== nodes || built.shards.length !== shards.length) return undefined;
  const changed: ChangedShard[] = [];
  for (const [index, shard] of shards.entries()) {
    const before = built.shards[index];
    if (before === shard) continue;
    const owner = ownerUid(shard);
    if (before === undefined || before.metadata.uid !== shard.metadata.uid || ownerUid(before) !== owner) return undefined;
    if (before.spec.clusterName !== shard.spec.clusterName || changed.length === fewShards) return undefined;
    changed.push({ shard, owner });
  }
  return changed;
}

function routeOf(object: VectorCollection, shards: readonly ShardRoute[]): CollectionRoute {
  const held = (object.status?.conditions ?? []).filter(({ status }) => status === 'True');
  // One that serves with fewer copies than it asks for is stalled as well, and no reason to take it back.
  const stalled = held.some(({ type }) => type === 'Ready') ? undefined : held.find(({ type }) => type === 'Stalled');
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
