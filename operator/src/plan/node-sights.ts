/**
 * What storage nodes say of themselves and of each other, as one value. Pure data: ages were computed when it was taken, from the
 * operator's own monotonic clock or by the node that says them, so no two clocks are compared.
 */

/** By node. Absent is a node of which nothing is known: just dialled, or it answers and does not report. */
export type NodeSights = ReadonlyMap<string, NodeSight>;

export interface NodeSight extends Contact {
  /** Of the Pod that the newest report came from; a report of an earlier Pod says nothing about a later one. */
  readonly podUid: string;
  /** How this node stands to the others, by node. */
  readonly peers: ReadonlyMap<string, Contact>;
  /** Undefined while it is not told. */
  readonly volume: VolumeSight | undefined;
  /** By replicaId: a node may hold a damaged copy and its successor at once. */
  readonly replicas: ReadonlyMap<string, ReplicaSight>;
}

export interface VolumeSight {
  /** By the node's data. */
  readonly usedBytes: number;
  readonly freeBytes: number;
}

/** One connection, from the operator to a node or between two nodes. */
export interface Contact {
  readonly isConnected: boolean;
  /** Since the connection closed, ms; undefined while it is open, and when it was given up because nothing came. */
  readonly closedForMs: number | undefined;
  /** Since the newest frame, ms. */
  readonly silentMs: number;
}

export interface ReplicaSight {
  /** UID of the VectorShard. */
  readonly shard: string;
  readonly replicaId: string;
  /** Highest epoch that it knows. */
  readonly epoch: number;
  readonly role: 'following' | 'leading' | 'barred';
  readonly serves: boolean;
  readonly applied: bigint;
  readonly points: number;
  /** Why it is barred, or does not serve. */
  readonly because: string | undefined;
  /** Replica that holds everything there is while this primary orders nothing new. */
  readonly drainedTo: string | undefined;
}

/** Missed when the connection closed and did not come back in this time. */
export const closedMissedMs = 400;

/** Missed when nothing was heard for so long, the connection open or not. */
export const silentMissedMs = 3000;

export type Reach =
  | { readonly kind: 'yes' }
  | { readonly kind: 'missed'; readonly by: 'closed' | 'silent'; readonly because: string }
  /** Not missed yet; it will be in this time if nothing comes, ms. */
  | { readonly kind: 'doubtful'; readonly missedInMs: number };

/** Texts do not count milliseconds: they end in conditions, where each change is a write. */
export function reachOf({ isConnected, closedForMs, silentMs }: Contact): Reach {
  const closedMs = closedForMs ?? 0;
  if (!isConnected && closedMs >= closedMissedMs) {
    return { kind: 'missed', by: 'closed', because: `its connection closed and did not come back in ${closedMissedMs} ms` };
  }
  if (silentMs >= silentMissedMs)
    return { kind: 'missed', by: 'silent', because: `nothing was heard of it for ${silentMissedMs / 1000} s` };
  if (isConnected) return { kind: 'yes' };
  return { kind: 'doubtful', missedInMs: Math.min(closedMissedMs - closedMs, silentMissedMs - silentMs) };
}
