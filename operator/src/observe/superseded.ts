import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import type { NodeView } from './member-reach.ts';

/**
 * Whether another entry of the same node has taken this one's place: a node has one copy of a shard, and after an empty volume or
 * damaged data it registers another. A report tells which one it holds; without one, the entry that was registered last under the
 * present Pod counts, because a node moves its entry to the end whenever it registers.
 */
export function isSuperseded(member: Member, members: readonly Member[], { pod, sight }: NodeView): boolean {
  const ofNode = members.filter(({ node }) => node === member.node);
  const others = ofNode.filter(({ replicaId }) => replicaId !== member.replicaId);
  if (others.length === 0) return false;
  if (sight !== undefined && sight.podUid === pod?.metadata.uid) {
    const isWhole = (replicaId: string) => {
      const role = sight.replicas.get(replicaId)?.role;
      return role !== undefined && role !== 'barred';
    };
    if (isWhole(member.replicaId)) return false;
    if (others.some(({ replicaId }) => isWhole(replicaId))) return true;
  }
  const last = ofNode.at(-1);
  return last !== undefined && last.replicaId !== member.replicaId && last.podUid === pod?.metadata.uid;
}
