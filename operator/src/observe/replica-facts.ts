import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import type { NodeSights, ReplicaSight } from '../plan/node-sights.ts';

/**
 * What the node of a copy says of it; undefined where its Pod does not report. Another Pod in its place is heard only when it finds the copy
 * damaged: that copy will not be registered.
 */
export function factsOf({ node, podUid, replicaId }: Member, sights: NodeSights): ReplicaSight | undefined {
  const sight = sights.get(node);
  const facts = sight?.replicas.get(replicaId);
  return sight?.podUid === podUid || facts?.role === 'barred' ? facts : undefined;
}

/** Where a copy is, as something that differs when it comes further. */
export function positionOf(facts: ReplicaSight | undefined): string {
  return `${facts?.epoch} ${facts?.applied}`;
}
