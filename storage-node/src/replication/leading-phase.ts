/** The life of a primary within its epoch, as a total table: what is impossible is a bug and told. */
import assert from 'node:assert/strict';

/** adopting: the epoch is not durable yet. handing-over: no new writes. drained: the operator was told. */
export type LeadingPhase = 'adopting' | 'serving' | 'handing-over' | 'drained';
export type LeadingEvent = 'epoch-persisted' | 'hand-over-asked' | 'all-committed' | 'hand-over-abandoned';

const after = {
  adopting: { 'epoch-persisted': 'serving', 'hand-over-asked': 'same', 'all-committed': 'invalid', 'hand-over-abandoned': 'same' },
  serving: { 'epoch-persisted': 'invalid', 'hand-over-asked': 'handing-over', 'all-committed': 'same', 'hand-over-abandoned': 'same' },
  'handing-over': { 'epoch-persisted': 'invalid', 'hand-over-asked': 'same', 'all-committed': 'drained', 'hand-over-abandoned': 'serving' },
  drained: { 'epoch-persisted': 'invalid', 'hand-over-asked': 'same', 'all-committed': 'same', 'hand-over-abandoned': 'serving' },
} as const satisfies Record<LeadingPhase, Record<LeadingEvent, LeadingPhase | 'same' | 'invalid'>>;

export function leadingPhaseAfter(phase: LeadingPhase, event: LeadingEvent): LeadingPhase {
  const next = after[phase][event];
  assert(next !== 'invalid', `a primary that is ${phase} cannot see ${event}`);
  return next === 'same' ? phase : next;
}
