/**
 * The rules that safety rests on, each a function of its own. The model in test/model breaks them one at a time and shows what is
 * lost; production passes `rules` and nothing else.
 */
import type { Configuration, InSyncChange } from './configuration.ts';
import { epochAt, type LogShape, type Position } from './log-shape.ts';
import type { Peer } from './peer.ts';
import type { Leading, Replica } from './replica.ts';

export interface Rules {
  /** A process leads only in an epoch above every one on its disk: it never acts in one that an earlier process acted in. */
  readonly mayLead: (replica: Replica, configuration: Configuration) => boolean;
  /** Messages of an older epoch are refused, all kinds. */
  readonly isObsolete: (messageEpoch: bigint, ownEpoch: bigint) => boolean;
  /** Every in-sync set that may be in force: the certain one, and the one asked for until the answer is certain. */
  readonly setsInForce: (leading: Leading) => readonly (readonly string[])[];
  /** An open change is settled only when its version is gone: until then a lost request may still arrive and come into force. */
  readonly isSettled: (change: InSyncChange, read: Configuration) => boolean;
  /** The primary's own copy counts when it is durable, like every other. */
  readonly ownCopy: (replica: Replica, leading: Leading) => bigint;
  /** Progress belongs to a replica id, never to the node or slot that it sits on. */
  readonly progressOf: (replicaId: string, leading: Leading) => string;
  /**
   * A replica may be waited for and then named in sync when it holds all that was or may have been acknowledged, and shows all that every
   * in-sync copy was waited for to show: clients may be sent to it as soon as it is named. Where fewer than minInSync are left, nothing
   * inherited can be committed, and so shown by anybody, before it joins.
   */
  readonly mayJoin: (peer: Pick<Peer, 'matched' | 'applied'>, replica: Replica, leading: Leading) => boolean;
  /** Up to where everything is committed: the least of what every member of every set in force holds. */
  readonly committable: (held: readonly bigint[], replica: Replica, leading: Leading) => bigint;
  /** First entry of the own log that is not the primary's; undefined when there is none. */
  readonly truncateFrom: (log: LogShape, entries: readonly Position[], inherited: bigint, epoch: bigint) => bigint | undefined;
  /** Whose word a linearizable read needs: everyone's whom the primary names, and so all who could have been promoted when it began. */
  readonly confirmers: (inForce: readonly string[], asked: readonly string[]) => readonly string[];
  /** An answer to another question may be older than the read. */
  readonly isAnswerTo: (answered: number, question: number) => boolean;
  readonly isConfirmed: (missing: readonly string[], needed: readonly string[]) => boolean;
  /** Before its first commit a primary does not know what was acknowledged before it. */
  readonly mayReadLinearizably: (replica: Replica, leading: Leading) => boolean;
}

export const rules: Rules = {
  mayLead: (replica, { epoch, primary }) => primary === replica.replicaId && epoch > replica.epoch,
  isObsolete: (messageEpoch, ownEpoch) => messageEpoch < ownEpoch,
  setsInForce: ({ configuration, change }) => (change ? [configuration.inSync, change.inSync] : [configuration.inSync]),
  isSettled: ({ expected }, { version }) => version !== expected,
  ownCopy: (_, { durable }) => durable,
  progressOf: (replicaId) => replicaId,
  mayJoin: ({ matched, applied }, { committed }, { inherited, appliedEverywhere, configuration }) => {
    const isNeeded = committed < inherited && configuration.inSync.length < configuration.minInSync;
    return matched >= committed && matched >= inherited && applied >= appliedEverywhere && (applied >= inherited || isNeeded);
  },
  committable: (held, { committed }, { inherited }) => {
    const heldByAll = held.reduce((least, each) => (each < least ? each : least));
    return heldByAll >= inherited && heldByAll > committed ? heldByAll : committed;
  },
  truncateFrom: (log, entries, inherited, epoch) => {
    const different = entries.find((entry) => entry.sequence <= log.last && epochAt(log, entry.sequence) !== entry.epoch);
    if (different) return different.sequence;
    const beyond = log.runs.find((run) => run.epoch !== epoch && (nextRunFirst(log, run.first) ?? log.last + 1n) > inherited + 1n);
    if (!beyond) return undefined;
    return beyond.first > inherited ? beyond.first : inherited + 1n;
  },
  confirmers: (inForce) => inForce,
  isAnswerTo: (answered, question) => answered === question,
  isConfirmed: (missing) => missing.length === 0,
  mayReadLinearizably: ({ committed }, { inherited }) => committed >= inherited,
};

function nextRunFirst(log: LogShape, first: bigint): bigint | undefined {
  return log.runs.find((run) => run.first > first)?.first;
}
