/** One replica of one shard as a value: what is on its disk, what it applied, and what it is doing. */
import type { Configuration, InSyncChange } from './configuration.ts';
import { emptyLog, type LogShape } from './log-shape.ts';
import type { LeadingPhase } from './leading-phase.ts';
import type { Peer } from './peer.ts';

export interface Replica {
  readonly shard: string;
  readonly replicaId: string;
  /** Highest epoch seen; on the disk before anything that follows from it is sent. */
  readonly epoch: bigint;
  readonly log: LogShape;
  /** Every entry up to here is final. Grows only. */
  readonly committed: bigint;
  /** Reads reflect everything up to here. */
  readonly applied: bigint;
  readonly role: Role;
}

export type Role = Following | Leading | Barred;

/** Follows the primary of the replica's epoch. In-sync followers, learners and readers differ only in what the primary makes of them. */
export interface Following extends Asking {
  readonly kind: 'following';
  /** The primary of this epoch, once it has been heard. */
  readonly primary: string | undefined;
  /** The log was compared with this primary's up to here, in this run of the process. */
  readonly matched: bigint;
  readonly heard: Heard | undefined;
}

export interface Heard {
  /** The replica's own monotonic clock, in milliseconds. */
  readonly at: number;
  /** Commit index that the primary told last; this replica may lack entries up to there. */
  readonly committed: bigint;
}

/** Orders the writes of the replica's epoch. */
export interface Leading extends Asking {
  readonly kind: 'leading';
  readonly phase: LeadingPhase;
  /** The newest that is certain; another may be in force while `change` is open. */
  readonly configuration: Configuration;
  readonly change: InSyncChange | undefined;
  /** The quorum read that is under way; answers to others are not looked at. */
  readonly reading: number | undefined;
  /** Number for the next attempt or read. */
  readonly nextNumber: number;
  /** Last sequence in the log when the epoch was adopted: what an earlier epoch left. */
  readonly inherited: bigint;
  /** Own log is durable up to here. */
  readonly durable: bigint;
  readonly appliedEverywhere: bigint;
  readonly peers: ReadonlyMap<string, Peer>;
  /** Others whose questions wait for the first commit, each with the number of its newest. */
  readonly askers: ReadonlyMap<string, number>;
  readonly handOverTo: string | undefined;
}

export type Leader = Replica & { readonly role: Leading };
export type Follower = Replica & { readonly role: Following };

/** What a replica knows of how fresh it is. Times are its own monotonic clock, in milliseconds. */
export interface Asking {
  readonly question: Question | undefined;
  /** Nothing had been acknowledged at `asOf` that is not applied once `committed` is. */
  readonly fresh: (Word & { readonly asOf: number }) | undefined;
}

export interface Question {
  /** No other question has it, not even one of an earlier process, answers to which may still be on their way. */
  readonly number: number;
  readonly askedAt: number;
  readonly asked: readonly string[];
  readonly confirmedBy: readonly string[];
  readonly word: Word | undefined;
}

/** What a primary says of itself. */
export interface Word {
  readonly committed: bigint;
  readonly inForce: readonly string[];
}

/** Damaged: promises nothing, answers nothing, and is rebuilt under a new replica id. */
export interface Barred {
  readonly kind: 'barred';
  readonly because: string;
}

/** As a process finds it on its disk; `epoch` is the highest there. Never a primary: that takes a higher epoch. */
export function startReplica(start: {
  readonly shard: string;
  readonly replicaId: string;
  readonly epoch: bigint;
  readonly log?: LogShape;
  readonly applied?: bigint;
}): Replica {
  const applied = start.applied ?? 0n;
  return { ...start, log: start.log ?? emptyLog, committed: applied, applied, role: following(undefined) };
}

export function isAsking({ role }: Replica): boolean {
  return role.kind !== 'barred' && role.question !== undefined;
}

export const nothingAsked: Asking = { question: undefined, fresh: undefined };

export function following(primary: string | undefined): Following {
  return { kind: 'following', primary, matched: 0n, heard: undefined, ...nothingAsked };
}
