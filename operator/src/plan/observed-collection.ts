/** One collection as one value: what it asks for, which nodes there are, which shards exist. */
import type { VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import type { HashRange } from './hash-range.ts';

export interface ObservedCollection {
  readonly name: string;
  readonly uid: string;
  readonly spec: VectorCollectionSpec;
  /** Undefined when there is no such VectorCluster. */
  readonly cluster: ObservedHome | undefined;
  /** An older VectorCollection object that holds the name or an alias of this one. */
  readonly takenBy: { readonly object: string; readonly name: string } | undefined;
  /** The most shards that were ever seen, so that a shard that was deleted is told from one that is not made yet. */
  readonly shardsSeen: number;
  readonly shards: readonly ObservedShardOfCollection[];
}

export interface ObservedHome {
  readonly isAdopted: boolean;
  readonly defaults: VectorClusterSpec['collectionDefaults'];
  /** Data nodes that the pools ask for. */
  readonly nodesWanted: number;
  /** Read nodes that the pools ask for. */
  readonly readersWanted: number;
  /** The pools cannot get all nodes they ask for, so nobody should wait for them. */
  readonly isStalled: boolean;
  readonly nodes: readonly ObservedPlace[];
  /** Nodes with role Read. */
  readonly readers: readonly ObservedPlace[];
}

/** A node that may hold copies. */
export interface ObservedPlace {
  readonly name: string;
  readonly zone: string;
  /** starting: never was Ready, and nothing is wrong with it yet; down: everything else that is not Ready. */
  readonly state: 'ready' | 'starting' | 'down';
  /** Copies of shards of all collections that it holds; 0 while nothing is to be placed. */
  readonly copies: number;
  /** Shards of all collections that it leads; where there is no primary yet, those it is to lead; 0 while nothing is to be placed. */
  readonly leads: number;
}

export interface ObservedShardOfCollection {
  readonly name: string;
  readonly hashRange: HashRange;
  readonly isReady: boolean;
  /** Why it is not ready. */
  readonly notReadyBecause: string;
  /** Assigned Voters; one that moves counts where it goes. */
  readonly voters: number;
  /** Assigned Learners, in the same way. */
  readonly learners: number;
  /** Copies that go from one node to another. */
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  /** Copies in sync. */
  readonly inSync: number;
  /** That its primary holds; undefined while nobody reports. */
  readonly points: number | undefined;
}
