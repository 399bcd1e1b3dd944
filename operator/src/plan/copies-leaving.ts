/** Copies that a collection has beyond those it asks for: nothing is missing, and one after the other they go. */
import type { Finding } from './conditions.ts';
import { copiesWanted, type CopiesWanted } from './copies-wanted.ts';
import type { ObservedCollection, ObservedHome, ObservedShardOfCollection } from './observed-collection.ts';

export function copiesLeaving({ spec, shards }: ObservedCollection, home: ObservedHome): readonly Finding[] {
  const wanted = copiesWanted(spec, home.defaults);
  return shards.flatMap((shard) => leavingOf(shard, wanted) ?? []);
}

function leavingOf({ name, voters, learners, inSync, moves }: ObservedShardOfCollection, wanted: CopiesWanted): Finding | undefined {
  const [move] = moves;
  if (move !== undefined) {
    return { reason: 'CopiesMoving', message: `${name}: its copy on ${move.from} moves to ${move.to}`, isWaiting: true };
  }
  const all = Math.max(voters, inSync) + learners;
  const { replicationFactor, readReplicas } = wanted;
  if (inSync <= replicationFactor && voters <= replicationFactor && learners <= readReplicas) return undefined;
  return {
    reason: 'CopiesLeaving',
    message: `${name}: ${all} copies, of which ${replicationFactor + readReplicas} are wanted`,
    isWaiting: true,
  };
}
