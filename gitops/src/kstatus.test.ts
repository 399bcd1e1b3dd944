import { expect, test } from 'vitest';
import { kstatusOf, type Verdict } from './kstatus.ts';

const is = (type: string, status: string) => ({ type, status, message: `${type} is ${status}` });
const object = (observedGeneration: number | undefined, ...conditions: readonly object[]) => ({
  kind: 'VectorCluster',
  metadata: { generation: 2 },
  status: { observedGeneration, conditions },
});

test.for<[string, object, Verdict, string]>([
  ['nothing is known', { kind: 'VectorCluster', metadata: { generation: 1 } }, 'Current', 'Resource is current'],
  ['a spec that nobody has looked at', object(1, is('Ready', 'True')), 'InProgress', 'latest observed generation is 1'],
  ['a status that the schema filled in', object(-1), 'InProgress', 'latest observed generation is -1'],
  ['work', object(2, is('Ready', 'True'), is('Reconciling', 'True')), 'InProgress', 'Reconciling is True'],
  ['work beside what waits', object(2, is('Reconciling', 'True'), is('Stalled', 'True')), 'InProgress', 'Reconciling is True'],
  ['what waits for a person', object(2, is('Reconciling', 'False'), is('Stalled', 'True')), 'Failed', 'Stalled is True'],
  ['not ready for another reason', object(2, is('Ready', 'False'), is('Reconciling', 'False')), 'InProgress', 'Ready is False'],
  ['not known to be ready', object(2, is('Ready', 'Unknown')), 'InProgress', 'Ready is Unknown'],
  ['done', object(2, is('Ready', 'True'), is('Reconciling', 'False'), is('Stalled', 'False')), 'Current', 'Resource is Ready'],
  [
    'deletion, whatever else',
    { kind: 'VectorPool', metadata: { generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    'Terminating',
    'Resource scheduled for deletion',
  ],
])('%s', ([, given, verdict, message]) => {
  const found = kstatusOf(given);
  expect(found.verdict).toBe(verdict);
  expect(found.message).toContain(message);
});
