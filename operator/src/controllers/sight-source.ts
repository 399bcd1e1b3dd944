import type { NodeSights } from '../plan/node-sights.ts';

/** What the operator hears of storage nodes, for controllers. */
export interface SightSource {
  /** As of now. Called for every look at a shard: it must cost microseconds, however many shards a node holds. */
  of(namespace: string, cluster: string): NodeSights;
  /**
   * Calls back when an answer of `reachOf` changes for a node or for a peer of it, and when epoch, role, serves, because or drainedTo of
   * a replica does; also at the moment when silence alone has made a node or a peer missed. Not for every number that grows.
   */
  onChange(listener: (change: SightChange) => void): () => void;
}

export interface SightChange {
  readonly namespace: string;
  readonly cluster: string;
  /** The node that is seen otherwise, or that sees another otherwise. */
  readonly node: string;
  /** UIDs of VectorShards that it is about; undefined: all that have a copy on the node. */
  readonly shards: readonly string[] | undefined;
}
