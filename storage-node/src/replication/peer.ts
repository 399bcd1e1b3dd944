/** What a primary knows of another replica, by replica id, and how that changes: a total table. */
import assert from 'node:assert/strict';

/** probing: where the logs part is not known. streaming: gets entries as they come. copying: gets a snapshot. */
export type PeerPhase = 'probing' | 'streaming' | 'copying';
export type PeerEvent = 'matched' | 'mismatched' | 'too-far-behind' | 'connection-lost';

export interface Peer {
  readonly phase: PeerPhase;
  /** Durable there and equal to the primary's log, as the replica itself said in this epoch. */
  readonly matched: bigint;
  readonly applied: bigint;
  /** Next sequence to send. */
  readonly next: bigint;
  readonly isVoter: boolean;
  readonly candidacy: Candidacy;
  /** Its process is about to end. It joins once it has connected again. */
  readonly isLeaving: boolean;
}

/**
 * Of a voter outside the in-sync set. waited-for: nothing more is committed or shown without it, or it would always lack what was committed
 * while its last answer was on the way. given-up: it stood still meanwhile, and may join only if it catches up by itself.
 */
export type Candidacy = 'none' | 'waited-for' | 'given-up';

const after = {
  probing: { matched: 'streaming', mismatched: 'same', 'too-far-behind': 'copying', 'connection-lost': 'same' },
  streaming: { matched: 'same', mismatched: 'probing', 'too-far-behind': 'invalid', 'connection-lost': 'probing' },
  copying: { matched: 'streaming', mismatched: 'same', 'too-far-behind': 'same', 'connection-lost': 'probing' },
} as const satisfies Record<PeerPhase, Record<PeerEvent, PeerPhase | 'same' | 'invalid'>>;

export function peerPhaseAfter(phase: PeerPhase, event: PeerEvent): PeerPhase {
  const next = after[phase][event];
  assert(next !== 'invalid', `a replica that is ${phase} cannot be ${event}`);
  return next === 'same' ? phase : next;
}

export function newPeer(next: bigint, isVoter: boolean): Peer {
  return { phase: 'probing', matched: 0n, applied: 0n, next, isVoter, candidacy: 'none', isLeaving: false };
}
