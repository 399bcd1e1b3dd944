import { expect, test } from 'vitest';
import type { Pod, PodStatus } from '@vectorcluster/kube/types/core.ts';
import { whyNotReady } from './why-not-ready.ts';

const container = { name: 'main', image: 'i:1', imageID: '', ready: false, restartCount: 0 };

function pod(status: PodStatus): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] }, status };
}

test.for<[string | undefined, PodStatus]>([
  [undefined, { conditions: [{ type: 'Ready', status: 'True' }] }],
  ['not started yet', {}],
  [
    'Unschedulable: 0/3 nodes are available.',
    { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available.' }] },
  ],
  [
    'RunContainerError: port 6333 is in use',
    { containerStatuses: [{ ...container, state: { waiting: { reason: 'RunContainerError', message: 'port 6333 is in use' } } }] },
  ],
  [
    'CrashLoopBackOff: back-off 10s; its last run ended with code 7, restarts 2',
    {
      containerStatuses: [
        {
          ...container,
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
          lastState: { terminated: { exitCode: 7 } },
        },
      ],
    },
  ],
  ['ended with code 1', { containerStatuses: [{ ...container, state: { terminated: { exitCode: 1 } } }] }],
  ['running, not ready yet', { containerStatuses: [{ ...container, state: { running: {} } }] }],
])('%s', ([why, status]) => {
  expect(whyNotReady(pod(status))).toBe(why);
});
