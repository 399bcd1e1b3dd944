import type { ObservedShard } from './observed-shard.ts';
import type { ShardStep } from './step.ts';

/**
 * Entries of copies that are no longer wanted, or that a newer copy on the same node has replaced. Nodes delete data that no entry
 * names, so an entry in sync always stays: its primary takes it out of the set first.
 */
export function removeMembers({ name, members, assignments, inSync, primary }: ObservedShard): readonly ShardStep[] {
  const removable = members.filter(
    ({ replicaId, node, isSuperseded }) =>
      replicaId !== primary && !inSync.includes(replicaId) && (isSuperseded || !assignments.some((assignment) => assignment.node === node)),
  );
  return removable.map(({ replicaId, node, isSuperseded }) => ({
    kind: 'remove-member',
    object: name,
    replicaId,
    node,
    because: isSuperseded
      ? `${node} has a newer copy in its place`
      : `no copy is assigned to ${node} any more, and this one is not in sync`,
  }));
}
