/**
 * What one request sees of the cluster: which collections there are, how each is cut into shards, and who serves them.
 * A value; built from Kubernetes objects by TopologyBuilder and never changed.
 */
import type { VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import type { CollectionConfig } from '../model/collection.ts';

export interface Primary {
  readonly replicaId: string;
  /** Pod name of its node. */
  readonly node: string;
  /** IP of that Pod; undefined while it has none. */
  readonly address: string | undefined;
}

/** One copy of a shard that exists. */
export interface ShardReplica {
  readonly replicaId: string;
  /** Pod name of its node. */
  readonly node: string;
  /** Of that node; empty where nothing is known of zones. */
  readonly zone: string;
  /** IP of that Pod; undefined while it has none. */
  readonly address: string | undefined;
  /** The Pod is being deleted: it still serves, but not for long. */
  readonly isLeaving: boolean;
  readonly kind: 'Voter' | 'Learner';
  readonly inSync: boolean;
  readonly isPrimary: boolean;
  /** A Learner on a node made for reading; other Learners are copies on their way to somewhere. */
  readonly isReader: boolean;
}

export interface ShardRoute {
  /** UID of the VectorShard; what peers name the shard by. */
  readonly uid: string;
  /** Name of the VectorShard, for people. */
  readonly name: string;
  readonly first: bigint;
  readonly last: bigint;
  /** 0 until there is a first primary. */
  readonly epoch: bigint;
  readonly primary: Primary | undefined;
  /** By name of their nodes, so that all who choose among the same nodes see them in one order. */
  readonly replicas: readonly ShardReplica[];
}

export interface CollectionRoute {
  readonly name: string;
  readonly objectName: string;
  readonly uid: string;
  readonly generation: number;
  /** Text order is order of age: two objects may claim one collection name, and the older holds it. */
  readonly age: string;
  readonly spec: VectorCollectionSpec;
  readonly config: CollectionConfig;
  /** Ascending by hash. While the collection is being made, some may be missing: see `complete`. */
  readonly shards: readonly ShardRoute[];
  /** The shards cover every hash exactly once. */
  readonly complete: boolean;
  /** Why the operator cannot make it, when it says so. */
  readonly stalled: string | undefined;
}

export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly zone: string;
  /** Its pool is for reading. */
  readonly isReader: boolean;
  readonly isLeaving: boolean;
}

export interface Topology {
  readonly collections: ReadonlyMap<string, CollectionRoute>;
  /** Collection by alias. */
  readonly aliases: ReadonlyMap<string, CollectionRoute>;
  /** UIDs of all VectorCollections there are, those being deleted too. */
  readonly uids: ReadonlySet<string>;
  /** Nodes that have an address, by name. */
  readonly nodes: ReadonlyMap<string, ClusterNode>;
}

export const emptyTopology: Topology = { collections: new Map(), aliases: new Map(), uids: new Set(), nodes: new Map() };
