/** What VectorShard.status says about who orders the writes of a shard and who holds them, read at one resourceVersion. */
export interface Configuration {
  /** resourceVersion: equal or not, never compared by order. */
  readonly version: string;
  readonly epoch: bigint;
  /** Replica id; undefined until there is a first primary. */
  readonly primary: string | undefined;
  readonly inSync: readonly string[];
  readonly minInSync: number;
  readonly members: readonly ConfigurationMember[];
  /** In-sync replica that the operator asks the primary of this epoch to hand over to. */
  readonly handOverTo: string | undefined;
}

export interface ConfigurationMember {
  readonly replicaId: string;
  readonly node: string;
  readonly kind: 'Voter' | 'Learner';
}

/** A change of the in-sync set by one replica, asked for and not settled yet: it may be in force, or come into force at any time. */
export interface InSyncChange {
  /** Tells the answers of repeated attempts apart. */
  readonly attempt: number;
  /** Version that the change replaces. */
  readonly expected: string;
  readonly inSync: readonly string[];
}
