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
  | Fresh;

export type FromFollower =
  /** The log equals the primary's up to `upTo`, durably, and is applied up to `applied`. */
  | { readonly kind: 'appended'; readonly upTo: bigint; readonly applied: bigint }
  /** `previous` is not in this log; all before `firstPossible` may be. */
  | { readonly kind: 'mismatch'; readonly firstPossible: bigint }
  /** Has just begun to follow this primary: what was sent before may be lost. */
  | { readonly kind: 'hello' }
  /** This copy is damaged and must not be waited for: it will come back under another replica id. */
  | { readonly kind: 'damaged' }
  /** The process of this copy is about to end, and need not be waited for any more. */
  | { readonly kind: 'leaving' };

/** Asks the primary for `fresh`, any other for `confirmed`. */
export interface Ask {
  readonly kind: 'ask';
  readonly question: number;
}

/** After the question was put, all that this primary had acknowledged lay at or below `committed`. */
export interface Fresh {
  readonly kind: 'fresh';
  readonly question: number;
  readonly committed: bigint;
  /** Replica ids of everyone who may be in force, the primary among them. */
  readonly inForce: readonly string[];
}

/** After the question was put, the sender knew no newer epoch than this. */
export interface Confirmed {
  readonly kind: 'confirmed';
  readonly question: number;
}

/** Sent back to whoever speaks in an older epoch; the envelope has the newer one. */
export interface Refused {
  readonly kind: 'refused';
}

export type Body = FromPrimary | FromFollower | Ask | Confirmed | Refused;
export type Message = Envelope & Body;

const isOfPrimary = {
  append: true,
  snapshot: true,
  fresh: true,
  appended: false,
  mismatch: false,
  hello: false,
  damaged: false,
  leaving: false,
  ask: false,
  confirmed: false,
  refused: false,
} as const satisfies Record<Body['kind'], boolean>;

/** Messages that only the primary of their epoch sends. */
export function isFromPrimary(message: Message): message is Envelope & FromPrimary {
  return isOfPrimary[message.kind];
}
