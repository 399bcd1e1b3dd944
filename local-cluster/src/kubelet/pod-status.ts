/** A Pod's status from what its containers do: phases and conditions by the rules of "Pod Lifecycle" in the Kubernetes documentation. */
import type { ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '@vectorcluster/kube/types/core.ts';

export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly lastState?: ContainerState | undefined;
  readonly restartCount: number;
  readonly started: boolean;
  readonly ready: boolean;
}

export interface PodView {
  readonly podIp: string;
  readonly startTime: string;
  readonly containers: readonly ContainerView[];
}

export function podStatus(pod: Pod, view: PodView, now: string): PodStatus {
  const ready = view.containers.every((container) => container.ready);
  const unready = view.containers.filter((container) => !container.ready).map((container) => container.name);
  const why = ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const truth = ready ? 'True' : 'False';
  return {
    ...pod.status,
    phase: phaseOf(pod, view),
    podIP: view.podIp,
    podIPs: [{ ip: view.podIp }],
    hostIP: view.podIp,
    startTime: view.startTime,
    conditions: [
      merged(pod, { type: 'PodScheduled', status: 'True' }, now),
      merged(pod, { type: 'Initialized', status: 'True' }, now),
      merged(pod, { type: 'ContainersReady', status: truth, ...why }, now),
      merged(pod, { type: 'Ready', status: truth, ...why }, now),
    ],
    containerStatuses: view.containers.map(containerStatus),
  };
}

function phaseOf(pod: Pod, view: PodView): string {
  const states = view.containers.map((container) => container.state);
  const policy = pod.spec?.restartPolicy ?? 'Always';
  if (states.every((state) => state.terminated) && policy !== 'Always') {
    const failed = states.some((state) => state.terminated?.exitCode !== 0);
    if (!failed) return 'Succeeded';
    if (policy === 'Never') return 'Failed';
  }
  const began = view.containers.some((container) => container.state.waiting === undefined || container.restartCount > 0);
  return began ? 'Running' : 'Pending';
}

/** lastTransitionTime moves only when the status does. */
function merged(pod: Pod, condition: { type: string; status: string; reason?: string; message?: string }, now: string): PodCondition {
  const before = pod.status?.conditions?.find((each) => each.type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: lastTransitionTime ?? now };
}

function containerStatus(view: ContainerView): ContainerStatus {
  return {
    name: view.name,
    image: view.image,
    imageID: view.image,
    state: view.state,
    lastState: view.lastState ?? {},
    restartCount: view.restartCount,
    started: view.started,
    ready: view.ready,
  };
}
