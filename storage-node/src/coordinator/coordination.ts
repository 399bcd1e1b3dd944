/** What the verbs of the coordinator need of the rest of the node. */
import type { Hash } from './router.ts';
import type { Observation } from '../peer/peer-connections.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { CollectionRoute, Topology } from '../topology/topology.ts';
import type { CollectionObjects } from './collection-objects.ts';

export interface TopologySource {
  current(): Topology;
  /** Resolves once the topology fulfils `holds`. Rejects with the signal's reason. */
  until(holds: (topology: Topology) => boolean, signal: AbortSignal): Promise<Topology>;
}

export interface Coordination {
  /** Name of this node. */
  readonly node: string;
  readonly topology: TopologySource;
  readonly hash: Hash;
  /** Throws ShardUnavailableError where this process does not serve the shard. */
  readonly localShard: (uid: string) => ServedShard;
  readonly remoteShard: (uid: string, address: string, signal: AbortSignal) => ServedShard;
  /** Resolves once the node at `address`, or this one for undefined, shows the observation. */
  readonly observe: (address: string | undefined, observation: Observation, signal: AbortSignal) => Promise<void>;
  readonly collections: CollectionObjects;
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
}
