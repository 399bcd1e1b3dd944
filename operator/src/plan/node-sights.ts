/**
 * What the operator hears from storage nodes, as a value: what each says of itself, of its replicas and of the other nodes.
 * Ages instead of times, so that a plan needs no clock.
 */
export type NodeSights = ReadonlyMap<string, NodeSight>;

export interface NodeSight extends Contact {
  readonly podUid: string;
  /** What this node says of the others, by node. Its own last word when it is silent now. */
  readonly peers: ReadonlyMap<string, Contact>;
  /** Its replicas, by UID of the VectorShard. */
  readonly replicas: ReadonlyMap<string, ReplicaSight>;
}

/** How one process sees another. All of it absent: nothing is known, which is never a reason to act. */
export interface Contact {
  readonly connected: boolean;
  /** Since the connection ended; undefined while there is one, and where none was tried. */
  readonly closedForMs: number | undefined;
  /** Since something was heard; undefined where nobody listens. */
  readonly silentMs: number | undefined;
}

export interface ReplicaSight {
  readonly replicaId: string;
  /** Highest epoch it knows. */
  readonly epoch: number;
  readonly role: 'following' | 'leading' | 'barred';
  /** It answers requests. */
  readonly serves: boolean;
  readonly logged: bigint;
  readonly committed: bigint;
  readonly applied: bigint;
  readonly points: number;
  /** Why it is barred, or does not serve. */
  readonly because: string | undefined;
  /** Replica that holds everything there is, while this primary orders nothing new. */
  readonly drainedTo: string | undefined;
}
