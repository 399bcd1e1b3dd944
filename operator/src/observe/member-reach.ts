/** Whether one copy can be reached, from what the API server and its node say. */
import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { reachOf, type NodeSight } from '../plan/node-sights.ts';
import type { Evidence, ObservedMember } from '../plan/observed-shard.ts';
import { endOf, isPodReady, processEndOf } from './pod-state.ts';

/** One node as the operator sees it. */
export interface NodeView {
  readonly pod: Pod | undefined;
  readonly hasVolume: boolean;
  readonly sight: NodeSight | undefined;
}

type MemberReach = Pick<ObservedMember, 'reachable' | 'because' | 'evidence' | 'missedInMs'>;

/**
 * A Pod that is gone, ended, or replaced, a volume that is gone, and a process of which its kubelet says that it has ended, are certain. A
 * process that reports is there, whatever its Pod's conditions say: they only tell that it will go. A Pod that is merely not Ready says
 * nothing.
 */
export function reachOfMember({ node, podUid }: Member, { pod, hasVolume, sight }: NodeView, isSuperseded: boolean): MemberReach {
  if (isSuperseded) return missed(`its volume was lost: ${node} holds another copy now`);
  if (pod === undefined) return missed('its Pod is gone');
  const end = endOf(pod);
  if (end !== undefined) return missed(end);
  const reach = sight?.podUid === podUid ? reachOf(sight) : undefined;
  if (reach?.kind === 'yes') return { reachable: 'yes', because: undefined, evidence: undefined, missedInMs: undefined };
  if (pod.metadata.uid !== podUid) return missed('its Pod was replaced, and the new one has not registered yet');
  if (pod.metadata.deletionTimestamp !== undefined) return missed('its Pod is being deleted');
  if (!hasVolume) return missed('its volume is gone');
  if (reach?.kind === 'missed') {
    const processEnd = processEndOf(pod);
    return processEnd === undefined ? missed(reach.because, reach.by) : missed(processEnd);
  }
  const because = isPodReady(pod) ? undefined : `${node} is not Ready`;
  return { reachable: 'unknown', because, evidence: undefined, missedInMs: reach?.missedInMs };
}

function missed(because: string, evidence: Evidence = 'certain'): MemberReach {
  return { reachable: 'missed', because, evidence, missedInMs: undefined };
}
