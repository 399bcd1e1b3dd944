/** Whether a message can be one of ours: what the protocol asserts of itself is checked of others before it is believed. */
import type { Position } from './log-shape.ts';
import type { Message } from './messages.ts';

/** Epochs grow by one with each failover, so that no peer is ahead of us by more than this. */
export const epochLeadMax = 10_000n;

/** The reason to refuse it, in words; undefined for a message that may be looked at. `bodies` came with it. */
export function whyMalformed(message: Message, bodies: number, ownEpoch: bigint): string | undefined {
  if (message.epoch < 0n) return 'its epoch is negative';
  if (message.epoch > ownEpoch + epochLeadMax) return `its epoch ${message.epoch} is far beyond ${ownEpoch}`;
  if (message.kind !== 'append') return bodies === 0 ? undefined : `${message.kind} carries bodies`;
  const { previous, entries, inherited, committed, epoch } = message;
  if (previous.sequence < 0n || inherited < 0n || committed < 0n) return 'a sequence is negative';
  if (bodies !== entries.length) return `${entries.length} entries have ${bodies} bodies`;
  return whyBroken(previous, entries, epoch);
}

function whyBroken(previous: Position, entries: readonly Position[], epoch: bigint): string | undefined {
  let before = previous;
  for (const entry of entries) {
    if (entry.sequence !== before.sequence + 1n) return `entry ${entry.sequence} does not follow ${before.sequence}`;
    if (entry.epoch < before.epoch || entry.epoch > epoch)
      return `entry ${entry.sequence} of epoch ${entry.epoch} follows epoch ${before.epoch}`;
    before = entry;
  }
  return before.epoch > epoch ? `position of epoch ${before.epoch} is newer than the message` : undefined;
}
