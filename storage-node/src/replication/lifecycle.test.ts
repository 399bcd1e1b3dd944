import { expect, test } from 'vitest';
import { phaseAfter, type ReplicaEvent, type ReplicaPhase } from './lifecycle.ts';

test.for<[ReplicaPhase, ReplicaEvent, ReplicaPhase]>([
  ['recovering', 'log-replayed', 'waiting'],
  ['waiting', 'epoch-adopted', 'primary'],
  ['primary', 'epoch-adopted', 'primary'],
  ['primary', 'newer-epoch-seen', 'waiting'],
  ['recovering', 'newer-epoch-seen', 'recovering'],
  ['waiting', 'newer-epoch-seen', 'waiting'],
  ['recovering', 'closed', 'closed'],
  ['waiting', 'closed', 'closed'],
  ['primary', 'closed', 'closed'],
  ['closed', 'epoch-adopted', 'closed'],
  ['closed', 'newer-epoch-seen', 'closed'],
  ['closed', 'log-replayed', 'closed'],
  ['closed', 'closed', 'closed'],
])('a replica that is %s and sees %s is %s', ([phase, event, after]) => {
  expect(phaseAfter(phase, event)).toBe(after);
});

test.for<[ReplicaPhase, ReplicaEvent]>([
  ['recovering', 'epoch-adopted'],
  ['waiting', 'log-replayed'],
  ['primary', 'log-replayed'],
])('a replica that is %s cannot see %s', ([phase, event]) => {
  expect(() => phaseAfter(phase, event)).toThrow(`a replica that is ${phase} cannot see ${event}`);
});
