/** A replica that follows: its log becomes the primary's, and what it says about itself is durable before it is said. */
import assert from 'node:assert/strict';
import { send } from './catch-up.ts';
import { answered, confirm } from './confirmation.ts';
import type { Effect, Step } from './effects.ts';
import { extended, holds, logAfter, positionAt, runStart, truncated, type Position } from './log-shape.ts';
import { isFromPrimary, type Envelope, type FromPrimary, type Message } from './messages.ts';
import type { Follower, Following } from './replica.ts';
import type { Rules } from './rules.ts';

type Append = Envelope & Extract<FromPrimary, { kind: 'append' }>;

export function onReceivedFollowing(rules: Rules, follower: Follower, message: Message, now: number): Step<Follower> {
  if (isFromPrimary(message)) return onFromPrimary(rules, follower, message, now);
  if (message.kind === 'ask') return [follower, [confirm(follower, message)]];
  if (message.kind !== 'confirmed') return [follower, []];
  return [withRole(follower, { question: answered(rules, follower.role.question, message) }), []];
}

function onFromPrimary(rules: Rules, before: Follower, message: Envelope & FromPrimary, now: number): Step<Follower> {
  const told = message.kind === 'append' ? message.committed : 0n;
  const heard = { at: now, committed: largest(told, before.role.heard?.committed ?? 0n) };
  const follower = withRole(before, { primary: message.from, heard });
  switch (message.kind) {
    case 'append':
      return onAppend(rules, follower, message);
    case 'snapshot':
      if (message.position.sequence <= follower.role.matched || message.position.sequence <= follower.committed) {
        return sayWhatIsHeld(follower, message.from);
      }
      return [follower, [{ kind: 'install-snapshot', from: message.from, position: message.position }]];
    case 'fresh':
      return [withRole(follower, { question: answered(rules, follower.role.question, message) }), []];
  }
}

/** A primary that offers a snapshot of less has not heard how far this is, and sends nothing until it does. What is committed is in every log. */
function sayWhatIsHeld(follower: Follower, to: string): Step<Follower> {
  const { matched } = follower.role;
  const next = withRole(follower, { matched: largest(matched, follower.committed) });
  return [next, [acknowledge(next, to)]];
}

/** Entries up to the own commit index are final, so they are in this primary's log too, also those that this log has let go. */
function beyondCommitted({ log, committed }: Follower, { previous, entries }: Append): Pick<Append, 'previous' | 'entries'> {
  if (previous.sequence >= committed) return { previous, entries };
  return { previous: positionAt(log, committed), entries: entries.filter(({ sequence }) => sequence > committed) };
}

function onAppend(rules: Rules, follower: Follower, message: Append): Step<Follower> {
  const { from, epoch, inherited, committed } = message;
  const { previous, entries } = beyondCommitted(follower, message);
  if (!holds(follower.log, previous)) {
    return [follower, [send(follower, from, { kind: 'mismatch', firstPossible: firstPossible(follower, previous) }, 'when-durable')]];
  }
  const cut = rules.truncateFrom(follower.log, entries, inherited, epoch);
  assert(cut === undefined || cut > follower.committed, 'what is committed is never truncated');
  const kept = cut === undefined ? follower.log : truncated(follower.log, cut);
  const lacking = entries.filter(({ sequence }) => sequence > kept.last);
  const log = extended(kept, lacking);
  const compared = entries.at(-1)?.sequence ?? previous.sequence;
  const matched = largest(follower.role.matched, compared);
  const known = largest(follower.committed, smallest(committed, matched));
  const next: Follower = { ...withRole(follower, { matched }), log, committed: known };
  const effects: readonly Effect[] = [
    ...(cut === undefined ? [] : [{ kind: 'truncate', from: cut } as const]),
    ...(lacking.length > 0 ? [{ kind: 'append', epoch, entries: lacking } as const] : []),
    ...(known > follower.committed ? [{ kind: 'apply', upTo: known } as const] : []),
  ];
  return [next, [...effects, acknowledge(next, from)]];
}

/** The position is not here: past the end, the end is next to try; another epoch there, the whole run of it is wrong. */
function firstPossible({ log }: Follower, previous: Position): bigint {
  return previous.sequence > log.last ? log.last + 1n : runStart(log, previous.sequence);
}

/**
 * The disk holds the snapshot now and nothing else, whatever this replica does meanwhile: what is in it is final in every epoch. It is
 * equal to the log of this epoch's primary only when it is of this epoch.
 */
export function onSnapshotInstalled(follower: Follower, position: Position, isOfThisEpoch: boolean): Step<Follower> {
  assert(position.sequence > follower.committed, 'a snapshot is installed by a replica that has less');
  const reached = { committed: position.sequence, applied: position.sequence, log: logAfter(position) };
  const next: Follower = { ...withRole(follower, { matched: isOfThisEpoch ? position.sequence : 0n }), ...reached };
  return [next, next.role.primary === undefined || !isOfThisEpoch ? [] : [acknowledge(next, next.role.primary)]];
}

/** Writes may wait at the primary until this replica shows them. */
export function onFollowerApplied(follower: Follower, upTo: bigint): Step<Follower> {
  const next = { ...follower, applied: upTo };
  const { primary, matched } = follower.role;
  return [next, primary === undefined || matched === 0n ? [] : [acknowledge(next, primary)]];
}

function acknowledge(follower: Follower, to: string): Effect {
  return send(follower, to, { kind: 'appended', upTo: follower.role.matched, applied: follower.applied }, 'when-durable');
}

function withRole(follower: Follower, change: Partial<Omit<Following, 'kind'>>): Follower {
  return { ...follower, role: { ...follower.role, ...change } };
}

const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b);
