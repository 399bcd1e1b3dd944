/** What one existing node needs, apart from being replaced. */
import type { Finding } from './conditions.ts';
import { volumeNameOf } from './names.ts';
import type { ObservedNode, ObservedPod, ObservedPool } from './observed-nodes.ts';
import type { NodeStep } from './step.ts';

/** After that a person is told; the startup probe goes on for longer. */
export const startDeadlineMs = 600_000;

/** In which an autoscaler brings a machine, or a drained one is back. */
const schedulingDeadlineMs = 180_000;

/** Well above the grace period of a Pod. */
const shutdownDeadlineMs = 300_000;

export interface Upkeep {
  readonly steps: readonly NodeStep[];
  readonly stalled: readonly Finding[];
  readonly recheckAfterMs?: number | undefined;
}

export function keepUp(pool: ObservedPool, node: ObservedNode, now: Date): Upkeep {
  const { name, zone, volume, pod } = node;
  if (pod === undefined && volume?.isDeleting === true) {
    return { steps: [wait(name, `its volume ${volumeNameOf(name)} is being deleted`)], stalled: [] };
  }
  const volumeSteps = volumeStepsOf(pool, node);
  if (pod === undefined) {
    const create: NodeStep = { kind: 'create-pod', object: name, pool: pool.name, zone, because: 'its Pod is gone and its volume is here' };
    return { steps: [...volumeSteps, create], stalled: [] };
  }
  const rest = podUpkeep(node, pod, now);
  return { ...rest, steps: [...volumeSteps, ...rest.steps] };
}

function volumeStepsOf(pool: ObservedPool, { name, zone, volume }: ObservedNode): readonly NodeStep[] {
  const object = volumeNameOf(name);
  const step = { object, node: name, pool: pool.name, zone };
  if (volume === undefined) return [{ kind: 'create-volume', ...step, because: `${name} has no volume` }];
  if (volume.isDeleting)
    return [wait(object, `somebody deleted it: it goes when ${name} does, whose copies are then made anew from others`)];
  if (volume.difference === undefined) return [];
  return [{ kind: 'update-volume', ...step, because: volume.difference }];
}

function podUpkeep(node: ObservedNode, pod: ObservedPod, now: Date): Upkeep {
  const { name } = node;
  if (pod.deletingSince !== undefined) return shuttingDown(name, now.getTime() - pod.deletingSince.getTime());
  if (pod.ended !== undefined) return { steps: [], stalled: [] };
  if (pod.isReady) {
    if (pod.wasReady || pod.running.templateHash === '') return { steps: [], stalled: [] };
    const note: NodeStep = {
      kind: 'note-first-ready',
      object: name,
      templateHash: pod.running.templateHash,
      because: 'it is Ready for the first time',
    };
    return { steps: [note], stalled: [] };
  }
  const deadlineMs = pod.unscheduled === undefined ? startDeadlineMs : schedulingDeadlineMs;
  const leftMs = deadlineMs - (now.getTime() - pod.notReadySince.getTime());
  if (pod.trouble === undefined && leftMs > 0) {
    return { steps: [wait(name, pod.unscheduled ?? machineWords(node) ?? 'it is not Ready yet')], stalled: [], recheckAfterMs: leftMs };
  }
  const trouble = pod.trouble ?? pod.unscheduled ?? machineWords(node) ?? `it has not been Ready for ${startDeadlineMs / 60_000} minutes`;
  return {
    steps: [wait(name, trouble)],
    stalled: [
      {
        reason: 'NodeNotReady',
        message: `${name} does not become Ready: ${trouble}; ${remedyFor(node, pod)}`,
      },
    ],
  };
}

function machineWords({ silentMachine }: ObservedNode): string | undefined {
  return silentMachine === undefined ? undefined : `Kubernetes node ${silentMachine}, which it runs on, is not Ready`;
}

function remedyFor(node: ObservedNode, pod: ObservedPod): string {
  if (pod.unscheduled !== undefined) return placeRemedy(node);
  if (pod.trouble === undefined && node.silentMachine !== undefined) return `see kubectl describe node ${node.silentMachine}`;
  return `see kubectl describe pod ${node.name} and its logs`;
}

/** A claim may be waiting for its Pod, as the Pod for it: which of them is at fault, the claim's Events tell. */
function placeRemedy({ name, zone, volume }: ObservedNode): string {
  const claim = volumeNameOf(name);
  if (volume?.isPending === true) {
    return `its volume ${claim} is not provisioned yet, and kubectl describe pvc ${claim} tells whether that is why; else uncordon a Kubernetes node in zone ${zone} or add one`;
  }
  return `it can run only where its volume ${claim} can be, in zone ${zone}: uncordon a Kubernetes node there or add one; or delete the volume and the Pod, and its copies are made anew from others`;
}

/** A Pod that does not go is never forced: only a person knows whether its machine is really off. */
export function shuttingDown(name: string, forMs: number): Upkeep {
  const steps = [wait(name, 'it is shutting down')];
  if (forMs < shutdownDeadlineMs) return { steps, stalled: [], recheckAfterMs: shutdownDeadlineMs - forMs };
  const message = `${name} does not shut down: its Kubernetes node may be off or cut off; bring that back, or make sure it is off and delete its Node object`;
  return { steps, stalled: [{ reason: 'NodeStuck', message }] };
}

function wait(object: string, because: string): NodeStep {
  return { kind: 'wait', object, because };
}
