import { expect, test } from 'vitest';
import type { ContainerState, Pod } from '@vectorcluster/kube/types/core.ts';
import { podStatus, type ContainerView } from './pod-status.ts';

const now = '2026-01-02T00:00:00Z';
const waiting: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

function pod(restartPolicy?: string, status?: Pod['status']): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [], ...(restartPolicy !== undefined && { restartPolicy }) },
    ...(status && { status }),
  };
}

function container(state: ContainerState, rest: Partial<ContainerView> = {}): ContainerView {
  return { name: 'main', image: 'i:1', state, restartCount: 0, started: false, ready: false, ...rest };
}

const view = (...containers: readonly ContainerView[]) => ({ podIp: '127.16.1.1', startTime: '2026-01-01T00:00:00Z', containers });

test.for<[string, string | undefined, readonly ContainerView[], string]>([
  ['nothing began', undefined, [container(waiting)], 'Pending'],
  ['one of two began', undefined, [container(waiting), container(running)], 'Running'],
  ['a crash loop', undefined, [container({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 1 })], 'Running'],
  ['ended, about to run again', 'Always', [container(ended(1))], 'Running'],
  ['ended well', 'Never', [container(ended(0))], 'Succeeded'],
  ['ended well', 'OnFailure', [container(ended(0))], 'Succeeded'],
  ['ended badly', 'Never', [container(ended(1)), container(ended(0))], 'Failed'],
  ['ended badly, about to run again', 'OnFailure', [container(ended(1))], 'Running'],
  ['one of two ended', 'Never', [container(ended(1)), container(running)], 'Running'],
])('%s, restart policy %s: phase', ([, policy, containers, phase]) => {
  expect(podStatus(pod(policy), view(...containers), now).phase).toBe(phase);
});

test('a Pod is ready when all of its containers are', () => {
  const ready = container(running, { ready: true, started: true });
  const readiness = (...containers: readonly ContainerView[]) =>
    podStatus(pod(), view(...containers), now).conditions?.filter((condition) => condition.type.endsWith('Ready'));
  expect(readiness(ready, ready)?.map((condition) => condition.status)).toEqual(['True', 'True']);
  expect(readiness(ready, container(running, { name: 'slow' }), container(waiting, { name: 'late' }))?.[1]).toEqual({
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [slow late]',
    lastTransitionTime: now,
  });
});

test('lastTransitionTime moves only with the status', () => {
  const before = podStatus(pod(), view(container(running)), '2026-01-01T00:00:00Z');
  const later = podStatus(pod(undefined, before), view(container(running, { ready: true })), now);
  const times = Object.fromEntries((later.conditions ?? []).map((condition) => [condition.type, condition.lastTransitionTime]));
  expect(times).toEqual({
    PodScheduled: '2026-01-01T00:00:00Z',
    Initialized: '2026-01-01T00:00:00Z',
    ContainersReady: now,
    Ready: now,
  });
});

test('what others wrote into the status stays', () => {
  const before = { qosClass: 'BestEffort', phase: 'Pending' };
  expect(podStatus(pod(undefined, before), view(container(running)), now)).toMatchObject({ qosClass: 'BestEffort', phase: 'Running' });
});
