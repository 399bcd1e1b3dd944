/** All copies of all shards of one cluster as one value, and the nodes that could hold them. */
import type { Role, VectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import type { HandOverRefused } from './ask-hand-over.ts';
import type { CopiesWanted } from './copies-wanted.ts';
import type { Precondition } from './step.ts';

export interface ObservedCopies {
  readonly cluster: string;
  readonly gracePeriodMs: number;
  /** All nodes are Ready and nothing is being done about them. */
  readonly isAtRest: boolean;
  readonly rebalance: VectorClusterSpec['rebalance'];
  /** By name; those that only assignments still speak of are among them. */
  readonly nodes: readonly CopyNode[];
  readonly shards: readonly ObservedCopiesOfShard[];
  /** Nodes that leave, in the order in which they are emptied. */
  readonly leaving: readonly string[];
}

export interface CopyNode {
  readonly name: string;
  readonly zone: string;
  /** Undefined for a node of which neither Pod nor volume is left. */
  readonly role: Role | undefined;
  /** It may get copies. */
  readonly isReady: boolean;
  /** It may not be there for long. */
  readonly isGoing: boolean;
  /** Since its process is not there; undefined while it is. */
  readonly awayMs: number | undefined;
}

export interface ObservedCopiesOfShard {
  readonly name: string;
  readonly precondition: Precondition;
  readonly wanted: CopiesWanted;
  readonly assignments: readonly Assignment[];
  /** 0 before its first primary: all its copies are empty. */
  readonly epoch: number;
  /** Highest that any of its copies has seen; above `epoch` when the status was set back. */
  readonly epochSeen: number;
  /** Since the epoch began. */
  readonly epochAgeMs: number;
  /** In force. */
  readonly minInSync: number;
  readonly primary: ObservedPrimary | undefined;
  readonly inSync: readonly CopyInSync[];
  /** Nodes of its assignments whose processes are there. */
  readonly nodesThere: ReadonlySet<string>;
  /** Nodes that say that their copy answers reads. */
  readonly serving: ReadonlySet<string>;
  /** Assigned Voters that are there and not in sync; none before the first epoch. */
  readonly beingMade: readonly CopyBeingMade[];
  /** That its primary holds; undefined while nobody reports. */
  readonly points: number | undefined;
  readonly isHandingOver: boolean;
  /** Undefined when no hand-over came to nothing in this epoch. */
  readonly handOverRefused: HandOverRefused | undefined;
}

export interface ObservedPrimary {
  readonly node: string;
  readonly isThere: boolean;
  /** Why another should lead while its process still reports; undefined when nothing is in sight. */
  readonly going: Going | undefined;
}

/** A Pod that is being deleted goes for sure, one on a cordoned machine perhaps. */
export interface Going {
  readonly isSure: boolean;
  readonly because: string;
}

export interface CopyBeingMade {
  readonly node: string;
  /** For how long it has come no further. */
  readonly standstillMs: number;
}

export interface CopyInSync {
  readonly replicaId: string;
  readonly node: string;
  readonly isThere: boolean;
  /** Its node may go soon, so it is no good place to lead from. */
  readonly isGoing: boolean;
}
