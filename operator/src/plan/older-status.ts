/**
 * A status that says less than copies have seen: the object was set back to an older state, as happens when etcd is restored under a
 * running cluster. Copies that it calls in sync may lack what was acknowledged since, so nothing is decided on it.
 */
import type { ObservedMember, ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/** Nodes learn epochs from the object alone, and this is asked on a fresh read: no copy can be ahead of a status that was never set back. */
export function olderStatus({ epoch, members }: ObservedShard): Decision | undefined {
  const [furthest] = members.toSorted((a, b) => epochSeen(b) - epochSeen(a));
  if (furthest === undefined || epochSeen(furthest) <= epoch) return undefined;
  return statusLost(`it says epoch ${epoch}, and the copy on ${furthest.node} has seen epoch ${epochSeen(furthest)}`);
}

/** By its report, or by how it registered. */
export function epochSeen({ facts, eligibleFromEpoch }: Pick<ObservedMember, 'facts' | 'eligibleFromEpoch'>): number {
  return Math.max(facts?.epoch ?? 0, eligibleFromEpoch - 1);
}

/** Who holds what was acknowledged is known from the status alone: without it nobody is named. */
export function statusLost(because: string): Decision {
  return {
    kind: 'lost',
    reason: 'StatusLost',
    because: `the status of the VectorShard is not what it was: ${because}; no data is touched; see "When etcd is restored" in docs/faults.md`,
  };
}
