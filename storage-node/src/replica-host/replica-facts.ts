/** What a node tells the operator about one of its replicas. */
export interface ReplicaFacts {
  /** UID of the VectorShard. */
  readonly shard: string;
  readonly replicaId: string;
  /** Highest epoch it knows. */
  readonly epoch: bigint;
  readonly role: 'following' | 'leading' | 'barred';
  /** It answers requests: as primary, or as a follower that has heard its primary. */
  readonly serves: boolean;
  readonly logged: bigint;
  readonly committed: bigint;
  readonly applied: bigint;
  readonly points: number;
  /** Why it is barred, or does not serve. */
  readonly because: string | undefined;
  /** Replica that holds everything there is while this primary orders nothing new. */
  readonly drainedTo: string | undefined;
}
