import type { Pod, PodStatus } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import { endOf, troubleOf, unscheduledBecause } from './pod-state.ts';

const podWith = (status: PodStatus): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop-data-0' }, status });
const container = (name: string, state: object, parts: object = {}) => ({
  name,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
  ...parts,
});
const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });
const crashed = (terminated: object, restartCount = 3) =>
  container('storage-node', waiting('CrashLoopBackOff', 'back-off 40s restarting'), { restartCount, lastState: { terminated } });

const otherCluster = '/var/lib/vectorcluster belongs to cluster default/other, not to default/shop: give this node a volume of its own';

test.for<[string, PodStatus, string | undefined]>([
  ['nothing yet', {}, undefined],
  ['a Pod that starts', { containerStatuses: [container('storage-node', waiting('ContainerCreating'))] }, undefined],
  [
    'an image that cannot be pulled',
    { containerStatuses: [container('storage-node', waiting('ImagePullBackOff', 'Back-off pulling image "x"'))] },
    'ImagePullBackOff: Back-off pulling image "x"',
  ],
  [
    'an image of a sidecar',
    { containerStatuses: [container('storage-node', {}), container('log', waiting('ErrImagePull', 'no such image'))] },
    'container log: ErrImagePull: no such image',
  ],
  [
    'an init container',
    { initContainerStatuses: [container('wait', waiting('CreateContainerConfigError', 'secret "x" not found'))] },
    'container wait: CreateContainerConfigError: secret "x" not found',
  ],
  ['a crash that may be the last', { containerStatuses: [crashed({ exitCode: 1 }, 2)] }, undefined],
  [
    'a second crash for a reason that the node gave',
    { containerStatuses: [crashed({ exitCode: 1, message: 'the log is damaged' }, 1)] },
    'it crashes again and again, last with exit code 1: the log is damaged',
  ],
  ['a crash that somebody caused', { containerStatuses: [crashed({ exitCode: 137, message: 'ended by SIGKILL' }, 2)] }, undefined],
  ['crashes', { containerStatuses: [crashed({ exitCode: 139 })] }, 'it crashes again and again, last with exit code 139'],
  [
    'a node that says why it ends',
    { containerStatuses: [crashed({ exitCode: 1, message: `${otherCluster}\n` })] },
    `it crashes again and again, last with exit code 1: ${otherCluster}`,
  ],
  [
    'too little memory',
    { containerStatuses: [crashed({ exitCode: 137, reason: 'OOMKilled' })] },
    'it crashes again and again, last because it had no memory left (OOMKilled): raise resources.limits.memory of the pool',
  ],
])('%s', ([, status, trouble]) => {
  expect(troubleOf(podWith(status))).toBe(trouble);
});

test('a Pod that was evicted by its machine says so', () => {
  const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
  expect(endOf(podWith(status))).toBe('its Pod has ended (Failed, Evicted: The node was low on resource: memory.)');
});

test('a Pod that no machine takes says why', () => {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes are available: 3 Insufficient cpu.',
  };
  expect(unscheduledBecause(podWith({ conditions: [condition] }))).toBe(
    'it cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu.',
  );
});
