import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import { expect, test } from 'vitest';
import { conditionsOf } from './conditions.ts';
import { withPoolRefusals } from './refused-of-pools.ts';

const ready = { isReady: false, reason: 'NodesNotReady', message: '4 of 5' };
const acting = { reason: 'CreatePod', message: 'create-pod shop-data-4' };
const textOf = (drafts: ReturnType<typeof withPoolRefusals>) => drafts.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
const drafts = conditionsOf({ ready, reconciling: [acting], stalled: [] });

function pool(conditions: readonly Pick<Condition, 'type' | 'status' | 'reason'>[], observedGeneration = 2): VectorPool {
  const rest = { message: 'create-pod shop-data-4: exceeded quota', lastTransitionTime: '2026-11-22T03:34:48Z', observedGeneration };
  return {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorPool',
    metadata: { name: 'shop-data', generation: 2 },
    spec: { clusterName: 'shop', poolName: 'data', role: 'Data', replicas: 5, template: {} },
    status: { conditions: conditions.map((condition) => ({ ...condition, ...rest })) },
  };
}
const refused = { type: 'Stalled', status: 'True', reason: 'StepRefused' } as const;
const resting = { type: 'Reconciling', status: 'False', reason: 'StepRefused' } as const;
const working = { type: 'Reconciling', status: 'True', reason: 'CreatePod' } as const;

test('what was refused of a pool stalls its cluster, in the same words', () => {
  const told = withPoolRefusals(drafts, [pool([refused, resting])], false);
  expect(textOf(told)).toEqual(['Ready=False NodesNotReady', 'Reconciling=False StepRefused', 'Stalled=True StepRefused']);
  expect(told.find(({ type }) => type === 'Stalled')?.message).toBe('create-pod shop-data-4: exceeded quota');
});

test.for<[string, VectorPool[], boolean]>([
  ['another pool is being worked on', [pool([refused, resting]), pool([working])], false],
  ['the cluster has steps of its own', [pool([refused, resting])], true],
])('it is Reconciling all the same while %s', ([, pools, isActing]) => {
  expect(textOf(withPoolRefusals(drafts, pools, isActing))).toContain('Reconciling=True CreatePod');
});

test('it is told behind what the cluster itself waits for', () => {
  const stuck = conditionsOf({ ready, reconciling: [], stalled: [{ reason: 'NoZone', message: 'no zone' }] });
  const told = withPoolRefusals(stuck, [pool([refused, resting])], false);
  expect(told.find(({ type }) => type === 'Stalled')).toMatchObject({
    reason: 'NoZone',
    message: 'no zone; create-pod shop-data-4: exceeded quota',
  });
});

test.for<[string, VectorPool]>([
  ['was refused of an older spec', pool([refused, resting], 1)],
  ['a pool waits for otherwise, which its cluster tells itself', pool([{ ...refused, reason: 'NodeNotReady' }])],
])('nothing is told of what %s', ([, other]) => {
  expect(withPoolRefusals(drafts, [other], false)).toEqual(drafts);
});
