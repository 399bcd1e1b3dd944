/** What a Pod's status says about the node in it. */
import { storageNodeContainer } from '@vectorcluster/crds/container-template.ts';
import type { ContainerStatus, Pod } from '@vectorcluster/kube/types/core.ts';
import type { ObservedPod, PodFacts } from '../plan/observed-nodes.ts';
import { firstReadyAnnotation, podFacts } from './pod-facts.ts';

/** Crashes after which a loop is trouble and not a restart; a process that says why it ends will end for it again. */
const crashesTolerated = { silent: 3, explained: 1 };

export function observePod(pod: Pod, wanted: PodFacts): ObservedPod {
  const running = podFacts(pod);
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    precondition: { uid: pod.metadata.uid ?? '', resourceVersion: pod.metadata.resourceVersion ?? '' },
    deletingSince: pod.metadata.deletionTimestamp === undefined ? undefined : new Date(pod.metadata.deletionTimestamp),
    ended: endOf(pod),
    isReady: isPodReady(pod),
    wasReady: pod.metadata.annotations?.[firstReadyAnnotation] === running.templateHash,
    trouble: troubleOf(pod),
    unscheduled: unscheduledBecause(pod),
    notReadySince: new Date(ready?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? 0),
    running,
    wanted,
  };
}

export function isPodReady({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Why it will never run again. */
export function endOf({ status }: Pod): string | undefined {
  if (status?.phase !== 'Failed' && status?.phase !== 'Succeeded') return undefined;
  const why = [status.reason, status.message].filter((part) => part !== undefined && part !== '').join(': ');
  return `its Pod has ended (${[status.phase, why].filter((part) => part !== '').join(', ')})`;
}

/** Why the process that ran in it does not run any more; another may start in its place. */
export function processEndOf({ status }: Pod): string | undefined {
  const container = status?.containerStatuses?.find(({ name }) => name === storageNodeContainer);
  const { state, lastState } = container ?? {};
  const end = state?.terminated ?? (state?.waiting === undefined ? undefined : lastState?.terminated);
  return end && `its process has ended with exit code ${end.exitCode}`;
}

/** From here on exit codes mean that somebody else ended the process. */
const firstSignalCode = 128;

const permanentReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

export function unscheduledBecause({ status }: Pod): string | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const isWaiting = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return isWaiting ? explain('it cannot be scheduled', scheduled.message) : undefined;
}

export function troubleOf({ status }: Pod): string | undefined {
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const trouble = troubleOfContainer(container);
    if (trouble !== undefined) return container.name === storageNodeContainer ? trouble : `container ${container.name}: ${trouble}`;
  }
  return undefined;
}

function troubleOfContainer({ state, lastState, restartCount }: ContainerStatus): string | undefined {
  const waiting = state?.waiting;
  if (waiting?.reason === undefined) return undefined;
  if (permanentReasons.has(waiting.reason)) return explain(waiting.reason, waiting.message);
  const end = lastState?.terminated;
  const isExplained = end?.message !== undefined && end.message !== '' && end.exitCode < firstSignalCode;
  const tolerated = crashesTolerated[isExplained ? 'explained' : 'silent'];
  if (waiting.reason !== 'CrashLoopBackOff' || restartCount < tolerated) return undefined;
  return ['it crashes again and again', ...lastEnd(end)].join(', ');
}

/** A storage node says before it ends why, and what to do. */
function lastEnd(end: NonNullable<ContainerStatus['state']>['terminated']): readonly string[] {
  if (end === undefined) return [];
  if (end.reason === 'OOMKilled') return ['last because it had no memory left (OOMKilled): raise resources.limits.memory of the pool'];
  return [explain(`last with exit code ${end.exitCode}`, end.message)];
}

/** Messages that count seconds or restarts would make every look a change. */
function explain(reason: string, message: string | undefined): string {
  const stable = message
    ?.replace(/^back-off \d\S* /i, '')
    .trim()
    .slice(0, 500);
  return stable === undefined || stable === '' ? reason : `${reason}: ${stable}`;
}
