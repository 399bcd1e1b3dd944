/** What a person should know of a Pod that is not ready, from its status alone. */
import type { ContainerStatus, Pod } from '@vectorcluster/kube/types/core.ts';

/** Undefined when the Pod is ready. */
export function whyNotReady(pod: Pod | undefined): string | undefined {
  if (!pod) return 'its Pod does not exist';
  const conditions = pod.status?.conditions ?? [];
  if (conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')) return undefined;
  const unscheduled = conditions.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False');
  if (unscheduled) return `${unscheduled.reason}: ${unscheduled.message}`;
  return pod.status?.containerStatuses?.map(whyOfContainer).find((why) => why !== undefined) ?? 'not started yet';
}

function whyOfContainer({ ready, state, lastState, restartCount }: ContainerStatus): string | undefined {
  if (ready) return undefined;
  const exit = state?.terminated ?? lastState?.terminated;
  const ended = exit ? `; its last run ended with code ${exit.exitCode}, restarts ${restartCount}` : '';
  if (state?.waiting) return `${state.waiting.reason}${state.waiting.message === undefined ? '' : `: ${state.waiting.message}`}${ended}`;
  if (state?.terminated) return `ended with code ${state.terminated.exitCode}`;
  return `running, not ready yet${ended}`;
}
