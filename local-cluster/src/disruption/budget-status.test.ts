import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import { expect, test } from 'vitest';
import { budgetStatus } from './budget-status.ts';

const podOf = (
  parts: { readonly ready?: boolean; readonly app?: string; readonly phase?: string; readonly deletionTimestamp?: string } = {},
): Pod => {
  const { ready = true, app = 'shop', phase = 'Running', deletionTimestamp } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', labels: { app }, deletionTimestamp },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
};
const budgetOf = (spec: NonNullable<PodDisruptionBudget['spec']>): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b', namespace: 'default', generation: 3 },
  spec: { selector: { matchLabels: { app: 'shop' } }, ...spec },
});
const three = [podOf(), podOf(), podOf()];
const oneDown = [podOf({ ready: false }), podOf(), podOf()];

test.for<[string, NonNullable<PodDisruptionBudget['spec']>, readonly Pod[], number]>([
  ['one of three may go', { maxUnavailable: 1 }, three, 1],
  ['nobody else while one is not Ready', { maxUnavailable: 1 }, oneDown, 0],
  ['nor while one is going', { maxUnavailable: 1 }, [podOf({ deletionTimestamp: '2026-01-01T00:00:00Z' }), podOf(), podOf()], 0],
  ['nobody at all', { maxUnavailable: 0 }, three, 0],
  ['as many as are not needed', { minAvailable: 1 }, three, 2],
  ['a share, rounded up', { minAvailable: '50%' }, three, 1],
  [
    'Pods that have ended, and those of others, do not count',
    { maxUnavailable: 1 },
    [...three, podOf({ phase: 'Failed' }), podOf({ app: 'x', ready: false })],
    1,
  ],
])('%s', ([, spec, pods, disruptionsAllowed]) => {
  expect(budgetStatus(budgetOf(spec), pods)).toMatchObject({ disruptionsAllowed, observedGeneration: 3 });
});
