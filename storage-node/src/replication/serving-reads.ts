/** Whether a replica may answer a read now, by the level of consistency asked for. Times are its own monotonic clock, milliseconds. */
import { epochAt, type Position } from './log-shape.ts';
import type { Asking, Replica } from './replica.ts';

export type ReadLevel =
  | { readonly kind: 'eventual' }
  /** Default for clients that ask for nothing: primary and copies heard each other lately, and it is not behind the commit index told. */
  | { readonly kind: 'recent'; readonly silenceMs: number }
  | { readonly kind: 'bounded'; readonly staleMs: number }
  | { readonly kind: 'session'; readonly token: Position }
  | { readonly kind: 'linearizable' };

export type ReadDecision =
  | { readonly kind: 'serve' }
  | { readonly kind: 'wait'; readonly untilApplied: bigint }
  /** Find out how fresh this replica is (`freshness-wanted`), then decide again. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'elsewhere'; readonly because: string }
  /** Nobody can serve it: what the client has seen is not in the history in force. */
  | { readonly kind: 'lost'; readonly because: string };

/** What the replica's process knows beside its state; own monotonic clock. */
export interface ReadingTime {
  readonly now: number;
  /**
   * A follower's primary was certainly in touch with this replica then, and for a primary so was everyone who could have been promoted in
   * its place; undefined when that was never so.
   */
  readonly heardAt: number | undefined;
  /** For a follower: every other copy that it knows to be in sync was in touch with it then; undefined when one never was. */
  readonly othersHeardAt: number | undefined;
  /** When the read began: later than any question that was asked before. */
  readonly begunAt: number;
}

/**
 * A copy that misses another one for so long asks the primary, since it may be cut off together with one that is deposed. Longer than it
 * takes a primary to leave out who is silent (3 s), so that a node that stops makes nobody ask.
 */
export const othersSilenceMs = 4_000;

export function mayServe(replica: Replica, level: ReadLevel, time: ReadingTime): ReadDecision {
  const { now, heardAt, begunAt } = time;
  const { role, applied, committed } = replica;
  if (role.kind === 'barred') return { kind: 'elsewhere', because: role.because };
  switch (level.kind) {
    case 'eventual':
      return hasNothingYet(replica) ? { kind: 'elsewhere', because: 'it is empty still' } : { kind: 'serve' };
    case 'recent': {
      const isSilent = heardAt === undefined || now - heardAt > level.silenceMs;
      if (role.kind === 'leading') {
        return isSilent ? { kind: 'elsewhere', because: 'not every copy in sync was heard lately' } : waitFor(committed, applied);
      }
      if (isSilent) return { kind: 'elsewhere', because: 'the primary has not been heard lately' };
      if (now - (time.othersHeardAt ?? -Infinity) > othersSilenceMs) return asOld(role.fresh, applied, now, level.silenceMs);
      const told = role.heard?.committed ?? 0n;
      return waitFor(told > committed ? told : committed, applied);
    }
    case 'bounded':
      return asOld(role.fresh, applied, now, level.staleMs);
    case 'session': {
      const { token } = level;
      const isCutOff = role.kind === 'leading' && token.epoch < replica.epoch && token.sequence > role.inherited;
      if (isCutOff) return lost(token);
      if (applied < token.sequence) return { kind: 'wait', untilApplied: token.sequence };
      const epoch = epochAt(replica.log, token.sequence);
      if (epoch === undefined || epoch === token.epoch) return { kind: 'serve' };
      return epoch > token.epoch ? lost(token) : { kind: 'elsewhere', because: 'it follows a history that is not in force any more' };
    }
    case 'linearizable':
      return role.fresh && role.fresh.asOf >= begunAt ? waitFor(role.fresh.committed, applied) : { kind: 'ask' };
  }
}

function asOld(fresh: Asking['fresh'], applied: bigint, now: number, staleMs: number): ReadDecision {
  return fresh && now - fresh.asOf < staleMs ? waitFor(fresh.committed, applied) : { kind: 'ask' };
}

/** A new copy shows nothing of a shard that may be full: that is no answer, however old one may be. */
function hasNothingYet({ role, applied }: Replica): boolean {
  return role.kind === 'following' && applied === 0n && (role.heard === undefined || role.heard.committed > 0n);
}

function lost({ sequence, epoch }: Position): ReadDecision {
  return { kind: 'lost', because: `entry ${sequence} of epoch ${epoch} is not in this history: its loss was allowed` };
}

function waitFor(sequence: bigint, applied: bigint): ReadDecision {
  return applied >= sequence ? { kind: 'serve' } : { kind: 'wait', untilApplied: sequence };
}
