/** What nodes that leave need: patience while they have copies, then their Pod goes, and when it is gone their volume. */
import type { LeavingNode } from '@vectorcluster/crds/vector-pool.ts';
import { volumeNameOf } from './names.ts';
import type { Members } from './members.ts';
import { shuttingDown, type Upkeep } from './node-upkeep.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import type { NodeStep } from './step.ts';

/** A node begins to go only once its mark is stored, so that nobody gives it a copy any more, and no VectorShard names it. */
export function isEmptied({ copiesOn }: ObservedNodes, { leaving, steps }: Members, { name }: ObservedNode): boolean {
  const isNew = steps.some(({ kind, object }) => kind === 'leave-node' && object === name);
  return !isNew && leaving.some(({ node }) => node === name) && (copiesOn.get(name) ?? 0) === 0;
}

/** Nothing is in the volume that anybody needs: it goes whatever deletionPolicy says of volumes that hold data. */
export function letGo(pool: ObservedPool, node: ObservedNode, now: Date): Upkeep {
  const { deletingSince } = node.pod ?? {};
  if (deletingSince !== undefined) return shuttingDown(node.name, now.getTime() - deletingSince.getTime());
  return { steps: removal(pool, node), stalled: [] };
}

function removal(pool: ObservedPool, { name, zone, pod, volume }: ObservedNode): readonly NodeStep[] {
  const because = 'it leaves, and no VectorShard names it';
  if (pod !== undefined) {
    return [{ kind: 'delete-pod', object: name, pool: pool.name, zone, precondition: pod.precondition, because }];
  }
  if (volume === undefined || volume.isDeleting) return [];
  return [{ kind: 'delete-volume', object: volumeNameOf(name), node: name, precondition: volume.precondition, because }];
}

/** How far it is with those that have copies. */
export function emptying({ copiesOn }: ObservedNodes, leaving: readonly LeavingNode[]): readonly NodeStep[] {
  return leaving.flatMap(({ node, because, copies }): NodeStep[] => {
    const left = copiesOn.get(node) ?? 0;
    if (left === 0) return [];
    const all = Math.max(copies, left);
    return [{ kind: 'wait', object: node, because: `it leaves: ${because}; ${all - left} of ${all} copies moved off ${node}` }];
  });
}
