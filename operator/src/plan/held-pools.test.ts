import { expect, test } from 'vitest';
import { dataNode, dataPool, nodesOf, upPod } from '../../test/observed-nodes.ts';
import { planNodes } from './plan-nodes.ts';

const now = new Date('2026-01-01T00:00:00Z');
const hostile = { spec: { hostPID: true } };
const drifted = { ...upPod, wanted: { ...upPod.wanted, templateHash: 'other' } };
const ended = { ...upPod, isReady: false, ended: 'its Pod has ended (Failed)' };

const stepsOf = (allowsUnsafePodTemplates: boolean, pod: typeof upPod | undefined, replicas = 2) => {
  const pool = { ...dataPool(replicas, ['a', 'b']), podTemplate: hostile, nodes: [dataNode(0, 'a', { pod }), dataNode(1, 'b')] };
  const plan = planNodes(nodesOf([pool], { allowsUnsafePodTemplates }), now);
  return plan.steps.filter(({ kind }) => ['create-pod', 'delete-pod', 'create-volume'].includes(kind)).map(({ kind }) => kind);
};

test.for([
  ['a Pod that differs stays', drifted, 2, 'delete-pod'],
  ['a Pod that has ended stays', ended, 2, 'delete-pod'],
  ['a Pod that is gone is not made', undefined, 2, 'create-pod'],
  ['no node is added', upPod, 3, 'create-pod'],
] as const)('in a pool with a podTemplate that is not allowed, %s', ([, pod, replicas, otherwise]) => {
  expect(stepsOf(false, pod, replicas)).toEqual([]);
  expect(stepsOf(true, pod, replicas)).toContain(otherwise);
});
