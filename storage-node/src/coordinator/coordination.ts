/** What the verbs of the coordinator need of the rest of the node. */
import type { Hash } from './router.ts';
import type { Observation } from '../peer/peer-connections.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { CollectionRoute, Topology } from '../topology/topology.ts';
import type { CollectionObjects } from './collection-objects.ts';
import type { Consistency } from './consistency.ts';
import type { RequestContext } from './database.ts';
import type { Hedging } from './hedging.ts';
import type { NodeLoads } from './node-loads.ts';
import type { Session } from './session.ts';
import type { After } from './wave.ts';

export interface TopologySource {
  current(): Topology;
  /** Resolves once the topology fulfils `holds`. Rejects with the signal's reason. */
  until(holds: (topology: Topology) => boolean, signal: AbortSignal): Promise<Topology>;
}

export interface ReadAnswered {
  readonly level: Consistency['kind'];
  /** What the copy that answered is to its shard. */
  readonly replica: 'primary' | 'in-sync' | 'reader';
}

export interface ReadMetrics {
  /** One copy of one shard answered. */
  readAnswered(read: ReadAnswered): void;
  /** A second copy was asked because the first took long; `won`: it answered first. */
  readHedged(hedge: { readonly won: boolean }): void;
}

export interface Coordination {
  /** Name of this node. */
  readonly node: string;
  /** Of this node; empty where nothing is known of zones. */
  readonly zone: string;
  readonly topology: TopologySource;
  readonly hash: Hash;
  /** Throws ShardUnavailableError where this process has no copy that is open. */
  readonly localShard: (uid: string) => ServedShard;
  readonly remoteShard: (uid: string, address: string, signal: AbortSignal) => ServedShard;
  /** Resolves once the node at `address`, or this one for undefined, shows the observation. */
  readonly observe: (address: string | undefined, observation: Observation, signal: AbortSignal) => Promise<void>;
  readonly collections: CollectionObjects;
  readonly loads: NodeLoads;
  readonly hedging: Hedging;
  readonly metrics: ReadMetrics;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  readonly after: After;
  /** Rejects with the signal's reason. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One request of a client on one collection. */
export interface CollectionCall {
  readonly coordination: Coordination;
  /** Complete, as it was when the request came in. */
  readonly collection: CollectionRoute;
  readonly signal: AbortSignal;
  readonly waitsFor?: RequestContext['waitsFor'];
  readonly consistency: Consistency;
  /** What the client has seen, and what it has seen after this call. */
  readonly session: Session | undefined;
  /** In [0, 1): see Preference. */
  readonly draw: number;
}
