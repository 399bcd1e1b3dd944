/** What a replica may do, as a total table: a missing cell does not compile, an impossible one is a bug. */
import assert from 'node:assert/strict';

/** recovering: replays its log. waiting: complete, but may not order writes. primary: orders the writes of its epoch. */
export type ReplicaPhase = 'recovering' | 'waiting' | 'primary' | 'closed';
export type ReplicaEvent = 'log-replayed' | 'epoch-adopted' | 'newer-epoch-seen' | 'closed';

const next = {
  recovering: { 'log-replayed': 'waiting', 'epoch-adopted': 'invalid', 'newer-epoch-seen': 'same', closed: 'closed' },
  waiting: { 'log-replayed': 'invalid', 'epoch-adopted': 'primary', 'newer-epoch-seen': 'same', closed: 'closed' },
  primary: { 'log-replayed': 'invalid', 'epoch-adopted': 'same', 'newer-epoch-seen': 'waiting', closed: 'closed' },
  closed: { 'log-replayed': 'same', 'epoch-adopted': 'same', 'newer-epoch-seen': 'same', closed: 'same' },
} as const satisfies Record<ReplicaPhase, Record<ReplicaEvent, ReplicaPhase | 'same' | 'invalid'>>;

export function phaseAfter(phase: ReplicaPhase, event: ReplicaEvent): ReplicaPhase {
  const after = next[phase][event];
  assert(after !== 'invalid', `a replica that is ${phase} cannot see ${event}`);
  return after === 'same' ? phase : after;
}
