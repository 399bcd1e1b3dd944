/** What membership needs of the part that keeps replicas: see replica-host/. Shards are named by the UID of their VectorShard. */
import type { CollectionConfig } from '../model/collection.ts';
import type { ConfigurationStore, ReplicaNetwork } from '../replica/ports.ts';
import type { LocalReplica } from '../shard/local-replica.ts';

export interface HostedReplica {
  readonly replica: LocalReplica;
  /** Highest epoch that was on the disk when it was opened; 0 when it never had one. */
  readonly epochOnDisk: bigint;
}

export interface ReplicaSurroundings {
  readonly config: CollectionConfig;
  readonly network: ReplicaNetwork;
  readonly configuration: ConfigurationStore;
}

export interface ShardHost {
  /** Shards that have data on this node's disk. */
  readonly shards: readonly string[];
  /** Makes a replica where there is none yet. It follows and leads as the configurations say that it is shown. */
  open(shard: string, surroundings: ReplicaSurroundings): Promise<HostedReplica>;
  /** Closes the replica and deletes its data, durably. */
  drop(shard: string): Promise<void>;
}
