import { liveInSync, type ObservedMember, type ObservedShard } from './observed-shard.ts';

/** The best of the live in-sync replicas to lead after `old`. Undefined when there is none: nobody is guessed. */
export function nextPrimary(shard: ObservedShard, old: ObservedMember): ObservedMember | undefined {
  return bestOf(shard, liveInSync(shard), old);
}

/**
 * One that reports before one whose Pod is merely Ready, then the one that has applied most, then another zone than the old
 * primary's, then the order of the assignments.
 */
export function bestOf(
  { assignments }: ObservedShard,
  members: readonly ObservedMember[],
  old: ObservedMember,
): ObservedMember | undefined {
  const order = (member: ObservedMember) => {
    const index = assignments.findIndex(({ node }) => node === member.node);
    return index === -1 ? assignments.length : index;
  };
  return members
    .filter(({ replicaId }) => replicaId !== old.replicaId)
    .toSorted(
      (a, b) =>
        Number(b.reachable === 'yes') - Number(a.reachable === 'yes') ||
        compare(b.facts?.applied ?? -1n, a.facts?.applied ?? -1n) ||
        Number(b.zone !== old.zone) - Number(a.zone !== old.zone) ||
        order(a) - order(b),
    )[0];
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
