import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import { reachOf, type NodeSights } from '../plan/node-sights.ts';

interface InSyncMembers {
  readonly members: readonly Member[];
  readonly inSync: readonly string[];
}

/**
 * False when the node of at least one other in-sync replica misses this one's node, true when those that can be asked all hear it,
 * undefined when none can be asked. Who does not answer the operator itself is not asked.
 */
export function seenByPeers({ node }: Member, { members, inSync }: InSyncMembers, sights: NodeSights): boolean | undefined {
  const others = members.filter((member) => inSync.includes(member.replicaId) && member.node !== node);
  const answers = others.flatMap((other) => {
    const sight = sights.get(other.node);
    const contact = sight?.peers.get(node);
    if (sight === undefined || contact === undefined || sight.podUid !== other.podUid || reachOf(sight).kind !== 'yes') return [];
    return [reachOf(contact).kind];
  });
  if (answers.includes('missed')) return false;
  return answers.length === 0 ? undefined : true;
}
