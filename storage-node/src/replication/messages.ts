/**
 * What replicas of one shard say to each other. Every message names shard, sender and receiver by replica id, and the sender's epoch;
 * one of an older epoch, of another shard or for another replica is refused, whatever its kind.
 */
import type { Position } from './log-shape.ts';

export interface Envelope {
  readonly shard: string;
  readonly epoch: bigint;
  readonly from: string;
  readonly to: string;
}

export type FromPrimary =
  /** Entries behind `previous`; none of them tells only where the log ends and what is committed. The runner adds the bodies. */
  | {
      readonly kind: 'append';
      readonly previous: Position;
      readonly entries: readonly Position[];
      /** Last sequence that the primary found in its log when it adopted this epoch. */
      readonly inherited: bigint;
      readonly committed: bigint;
    }
  /** Everything up to `position` is in the snapshot that was transferred beside this message. */
  | { readonly kind: 'snapshot'; readonly position: Position }
  /** Asks whether this is still the newest epoch that the receiver knows. */
  | { readonly kind: 'confirm'; readonly round: number }
  /** At the receiver's own time `clock`, or later, all that had been acknowledged lay at or below `committed`. */
  | { readonly kind: 'fresh'; readonly clock: number; readonly committed: bigint };

export type FromFollower =
  /** The log equals the primary's up to `upTo`, durably, and is applied up to `applied`. */
  | { readonly kind: 'appended'; readonly upTo: bigint; readonly applied: bigint }
  /** `previous` is not in this log; all before `firstPossible` may be. */
  | { readonly kind: 'mismatch'; readonly firstPossible: bigint }
  | { readonly kind: 'confirmed'; readonly round: number }
  /** Has just begun to follow this primary: what was sent before may be lost. */
  | { readonly kind: 'hello' }
  /** This copy is damaged and must not be waited for: it will come back under another replica id. */
  | { readonly kind: 'damaged' }
  /** Asks for `fresh`; `clock` is the sender's own monotonic time in milliseconds. */
  | { readonly kind: 'ask-fresh'; readonly clock: number };

/** Sent back to whoever speaks in an older epoch; the envelope has the newer one. */
export interface Refused {
  readonly kind: 'refused';
}

export type Body = FromPrimary | FromFollower | Refused;
export type Message = Envelope & Body;

const senders = {
  append: 'primary',
  snapshot: 'primary',
  confirm: 'primary',
  fresh: 'primary',
  appended: 'follower',
  mismatch: 'follower',
  confirmed: 'follower',
  hello: 'follower',
  damaged: 'follower',
  'ask-fresh': 'follower',
  refused: 'anyone',
} as const satisfies Record<Body['kind'], 'primary' | 'follower' | 'anyone'>;

/** Messages that only the primary of their epoch sends. */
export function isFromPrimary(message: Message): message is Envelope & FromPrimary {
  return senders[message.kind] === 'primary';
}

/** Messages that a follower sends to the primary of their epoch. */
export function isFromFollower(message: Message): message is Envelope & FromFollower {
  return senders[message.kind] === 'follower';
}
