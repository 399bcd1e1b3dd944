/**
 * A claim whose PersistentVolume is gone (phase Lost) never gets another: node and claim go, a new node comes, and its copies are made anew
 * from others. Where there are no others, the volume may be all there is, and only a person can say that it will not come back.
 */
import { listed } from './listed.ts';
import { volumeNameOf } from './names.ts';
import { isUp } from './node-state.ts';
import { shuttingDown, type Upkeep } from './node-upkeep.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';

/** A process that runs still has its files. */
export function hasLostVolume(node: ObservedNode): boolean {
  return node.volume?.isLost === true && !isUp(node);
}

export function giveUpVolume({ shards }: ObservedNodes, pool: ObservedPool, { name, zone, pod, volume }: ObservedNode, now: Date): Upkeep {
  const object = volumeNameOf(name);
  const only = shards.filter(
    ({ inSync }) => inSync.some(({ node }) => node === name) && !inSync.some(({ node, isThere }) => node !== name && isThere),
  );
  if (only.length > 0) {
    const shown = listed(only.map((shard) => shard.name));
    const message = `${object} has lost its PersistentVolume, and ${name} had the only copy in sync of ${shown} that is there: bring the PersistentVolume or another node with a copy back; if that is impossible, delete the claim, and with it these copies`;
    return { steps: [{ kind: 'wait', object: name, because: message }], stalled: [{ reason: 'VolumeLost', message }] };
  }
  if (pod?.deletingSince !== undefined) return shuttingDown(name, now.getTime() - pod.deletingSince.getTime());
  // planReplacement takes it away.
  if (pod?.ended !== undefined) return { steps: [], stalled: [] };
  const because = `the PersistentVolume of ${object} is gone (phase Lost); copies are made anew from others`;
  if (pod !== undefined) {
    return { steps: [{ kind: 'delete-pod', object: name, pool: pool.name, zone, precondition: pod.precondition, because }], stalled: [] };
  }
  if (volume === undefined || volume.isDeleting) return { steps: [{ kind: 'wait', object, because }], stalled: [] };
  return { steps: [{ kind: 'delete-volume', object, node: name, precondition: volume.precondition, because }], stalled: [] };
}
