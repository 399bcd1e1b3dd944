import type { Condition } from '@vectorcluster/crds/meta.ts';
import { expect, test } from 'vitest';
import { conditionsOf, withTimes } from './conditions.ts';
import { withFailures } from './step-failure.ts';

const ready = { isReady: true, reason: 'Fine', message: 'all is well' };
const waiting = { reason: 'Wait', message: 'for a node', isWaiting: true };
const acting = { reason: 'CreatePod', message: 'a Pod' };
const stuck = { reason: 'NoZone', message: 'no zone' };
const textOf = (drafts: ReturnType<typeof conditionsOf>) => drafts.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

test('who waits for a person is Stalled and not Reconciling; who still acts is both', () => {
  expect(textOf(conditionsOf({ ready, reconciling: [waiting], stalled: [] }))).toContain('Reconciling=True Wait');
  expect(textOf(conditionsOf({ ready, reconciling: [waiting], stalled: [stuck] }))).toEqual([
    'Ready=True Fine',
    'Reconciling=False NothingToDo',
    'Stalled=True NoZone',
  ]);
  expect(textOf(conditionsOf({ ready, reconciling: [acting], stalled: [stuck] }))).toContain('Reconciling=True CreatePod');
});

test('many findings are counted, not listed', () => {
  const [, reconciling] = conditionsOf({ ready, reconciling: Array.from({ length: 9 }, () => acting), stalled: [] });
  expect(reconciling?.message).toBe('a Pod; a Pod; a Pod; and 6 more');
});

test('a time changes only with the status', () => {
  const [draft] = conditionsOf({ ready, reconciling: [], stalled: [] });
  if (draft === undefined) throw new Error('no condition');
  const before: Condition = { ...draft, message: 'other', lastTransitionTime: '2025-01-01T00:00:00Z' };
  const now = new Date('2026-01-01T00:00:00.123Z');
  expect(withTimes([draft], [before], 7, now)).toMatchObject([{ lastTransitionTime: '2025-01-01T00:00:00Z', observedGeneration: 7 }]);
  expect(withTimes([draft], [{ ...before, status: 'False' }], 7, now)).toMatchObject([{ lastTransitionTime: '2026-01-01T00:00:00Z' }]);
  expect(withTimes([draft], undefined, 7, now)).toMatchObject([{ lastTransitionTime: '2026-01-01T00:00:00Z' }]);
});

test('a refused step makes it Stalled, one without an answer Reconciling', () => {
  const step = { kind: 'create-pod', object: 'x' };
  const reconciling = [{ reason: 'CreatePod', message: 'create-pod x because it is gone' }];
  const drafts = conditionsOf({ ready, reconciling, stalled: [] });
  const failure = { object: 'create-pod x', message: 'quota exceeded' };
  const refused = textOf(withFailures(drafts, [{ ...failure, isRefusal: true }], [step]));
  expect(refused).toContain('Stalled=True StepRefused');
  expect(refused).toContain('Reconciling=False StepRefused');
  const other = { kind: 'create-pod', object: 'y' };
  expect(textOf(withFailures(drafts, [{ ...failure, isRefusal: true }], [step, other]))).toContain('Reconciling=True CreatePod');
  expect(textOf(withFailures(drafts, [{ ...failure, isRefusal: false }], [step]))).toContain('Reconciling=True CreatePod');
  expect(withFailures(drafts, [], [step])).toEqual(drafts);
});
