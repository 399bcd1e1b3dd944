/** What membership needs of the part that keeps replicas: see replica-host/. Shards are named by the UID of their VectorShard. */
import type { CollectionConfig } from '../model/collection.ts';
import type { ConfigurationStore, ReplicaNetwork, SnapshotPlace } from '../replica/ports.ts';
import type { FetchedSnapshot } from '../snapshot/fetch-snapshot.ts';
import type { SnapshotSource } from '../snapshot/snapshot-reader.ts';
import type { LocalReplica } from '../shard/local-replica.ts';

/** What the replica holds is not what was written: it cannot be opened, and must not be waited for. */
export class ReplicaDamagedError extends Error {
  override readonly name = 'ReplicaDamagedError';
  readonly replicaId: string;
  constructor(replicaId: string, because: string, options?: ErrorOptions) {
    super(because, options);
    this.replicaId = replicaId;
  }
}

/** A VectorCollection object, not its name for clients. */
export interface CollectionReference {
  readonly name: string;
  readonly uid: string;
}

export interface HostedReplica {
  readonly replica: LocalReplica;
  /** Highest epoch that was on the disk when it was opened; 0 when it never had one. */
  readonly epochOnDisk: bigint;
}

export interface ReplicaSurroundings {
  readonly collection: CollectionReference;
  readonly config: CollectionConfig;
  readonly network: ReplicaNetwork;
  readonly configuration: ConfigurationStore;
  /** Brings a snapshot of another node's replica into a folder of this one's. */
  readonly fetchSnapshot: (
    place: SnapshotPlace & { readonly shard: string; readonly receiver: string; readonly folder: string },
    signal: AbortSignal,
  ) => Promise<FetchedSnapshot>;
}

export interface ShardHost {
  /** Shards that have data on this node's disk. */
  readonly shards: readonly string[];
  /** Of a shard that has data here. */
  collectionOf(shard: string): CollectionReference | undefined;
  /**
   * Makes a replica where there is none yet. It follows and leads as the configurations say that it is shown.
   * Throws ReplicaDamagedError.
   */
  open(shard: string, surroundings: ReplicaSurroundings): Promise<HostedReplica>;
  openSnapshot: SnapshotSource['open'];
  /** Closes the replica and deletes its data, durably. */
  drop(shard: string): Promise<void>;
}
