/** What membership needs of the part that keeps replicas: see replica-host/. Shards are named by the UID of their VectorShard. */
import type { CollectionConfig } from '../model/collection.ts';
import type { ServedShard } from '../peer/served-shard.ts';

export interface HostedReplica {
  readonly replicaId: string;
  /** Highest epoch on the disk; 0 when it never had one. */
  readonly epoch: bigint;
  readonly shard: ServedShard;
}

export interface ShardHost {
  /** Shards that have data on this node's disk. */
  readonly shards: readonly string[];
  /** Makes a replica where there is none yet. Resolves when its log is replayed. */
  open(shard: string, config: CollectionConfig): Promise<HostedReplica>;
  /** Durable when it resolves; from then on the replica orders writes of this epoch. */
  adoptEpoch(shard: string, epoch: bigint): Promise<void>;
  /** Closes the replica and deletes its data, durably. */
  drop(shard: string): Promise<void>;
}
