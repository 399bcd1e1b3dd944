/**
 * Whether Kubernetes may evict a node of a pool, as a drain does. It counts Pods that are Ready, and a Pod is Ready before its copies are
 * in sync again: then a second one could go that has what the first still lacks.
 */
import type { Role } from '@vectorcluster/crds/vector-cluster.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';

export interface Disruptions {
  readonly maxUnavailable: 0 | 1;
  /** On the budget itself, where whoever drains looks. It counts nothing: each change of it is a write. */
  readonly because: string;
}

/** `dataNodes`: as many as there are or are asked for; no shard can have more copies. */
export function disruptionsAllowed(role: Role, shards: readonly ObservedCopiesOfShard[], dataNodes: number): Disruptions {
  if (role !== 'Data') return { maxUnavailable: 1, because: 'nodes with this role hold no copy that a write needs' };
  if (shards.some((shard) => lacksCopies(shard, dataNodes))) {
    return {
      maxUnavailable: 0,
      because: 'not all copies of all shards are in sync, and none can be spared until they are (kubectl get vshard)',
    };
  }
  return { maxUnavailable: 1, because: 'all copies of all shards are in sync, and one can be spared' };
}

/** One copy on purpose holds nobody up, and neither does what is being made: nothing was written to it. */
function lacksCopies({ wanted, epoch, inSync }: ObservedCopiesOfShard, dataNodes: number): boolean {
  const most = Math.min(wanted.replicationFactor, dataNodes);
  return epoch > 0 && wanted.replicationFactor > 1 && inSync.filter(({ isThere }) => isThere).length < most;
}
