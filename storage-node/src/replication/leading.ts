/** A replica that leads: each event changes one thing, then everything that may follow from it is tried in one fixed order. */
import assert from 'node:assert/strict';
import { onAppended, onConnected, onMismatch, sendEntries, sendToAll } from './catch-up.ts';
import { chain } from './chain.ts';
import { advanceApplied, advanceCommit } from './commit.ts';
import type { Configuration } from './configuration.ts';
import { answerAskers, answered, rememberAsker } from './confirmation.ts';
import type { Effect, Step } from './effects.ts';
import type { ReplicaEvent } from './events.ts';
import { abandonHandOver, advanceHandOver, beginHandOver } from './hand-over.ts';
import { expand, leaves, onChangeAnswered, onConfigurationRead, onConfigurationSeen, peersOf, retire, shrink } from './in-sync-set.ts';
import { leadingPhaseAfter } from './leading-phase.ts';
import { extended, slice } from './log-shape.ts';
import type { Message } from './messages.ts';
import { nothingAsked, type Leader, type Leading, type Replica } from './replica.ts';
import type { Rules } from './rules.ts';

/** Adopts an epoch: its own log is the truth now. It says nothing until the epoch is durable. */
export function lead(replica: Replica, configuration: Configuration): Step<Leader> {
  const role: Leading = {
    kind: 'leading',
    phase: 'adopting',
    configuration,
    change: undefined,
    reading: undefined,
    nextNumber: 1,
    inherited: replica.log.last,
    durable: 0n,
    appliedEverywhere: 0n,
    peers: peersOf(configuration, replica, new Map()),
    askers: new Map(),
    handOverTo: undefined,
    ...nothingAsked,
  };
  const { epoch } = configuration;
  return [{ ...replica, epoch, role }, [{ kind: 'persist-epoch', epoch }]];
}

export function stepLeading(rules: Rules, leader: Leader, event: ReplicaEvent): Step<Leader> {
  return chain(
    leader,
    (state) => react(rules, state, event),
    (state) => whatFollows(rules, state),
  );
}

function react(rules: Rules, leader: Leader, event: ReplicaEvent): Step<Leader> {
  const { role } = leader;
  switch (event.kind) {
    case 'epoch-persisted': {
      if (event.epoch !== leader.epoch || role.phase !== 'adopting') return [leader, []];
      const phase = leadingPhaseAfter(role.phase, 'epoch-persisted');
      return sendToAll({ ...leader, role: { ...role, phase, durable: role.inherited } }, true);
    }
    case 'proposed':
      return propose(leader, event.entries);
    case 'persisted':
      if (event.epoch !== leader.epoch || event.upTo <= role.durable) return [leader, []];
      assert(event.upTo <= leader.log.last, 'nothing is durable that was not appended');
      return [{ ...leader, role: { ...role, durable: event.upTo } }, []];
    case 'applied':
      return [{ ...leader, applied: event.upTo }, []];
    case 'configuration-seen':
      return onConfigurationSeen(leader, event.configuration);
    case 'configuration-read':
      if (event.epoch !== leader.epoch || event.number !== role.reading || event.configuration.epoch !== leader.epoch) return [leader, []];
      return onConfigurationRead(rules, leader, event.configuration);
    case 'change-answered':
      return event.epoch === leader.epoch ? onChangeAnswered(leader, event.attempt, event.outcome) : [leader, []];
    case 'fell-silent':
      return shrink(leader, event.replica);
    case 'connected':
      return onConnected(leader, event.replica);
    case 'hand-over-asked':
      return beginHandOver(leader, event.target);
    case 'hand-over-abandoned':
      return abandonHandOver(leader);
    case 'received':
      return onReceivedLeading(rules, leader, event.message);
    case 'snapshot-installed':
    case 'freshness-wanted':
    case 'answers-missed':
    case 'log-released':
    case 'damage-found':
      return [leader, []];
  }
}

/** Entries leave for the others while the own disk syncs them. */
function propose(leader: Leader, entries: number): Step<Leader> {
  assert(leader.role.phase === 'serving' && entries > 0, 'writes are proposed to a primary that serves');
  const first = leader.log.last + 1n;
  const positions = Array.from({ length: entries }, (_, index) => ({ sequence: first + BigInt(index), epoch: leader.epoch }));
  const logged = { ...leader, log: extended(leader.log, positions) };
  const append: Effect = { kind: 'append', epoch: leader.epoch, entries: slice(logged.log, first, logged.log.last) };
  return chain<Leader>(
    logged,
    (state) => sendToAll(state, false),
    (state) => [state, [append]],
  );
}

function onReceivedLeading(rules: Rules, leader: Leader, message: Message): Step<Leader> {
  switch (message.kind) {
    case 'appended':
      return sendEntries(onAppended(rules, leader, message.from, message), message.from, false);
    case 'mismatch':
      return onMismatch(leader, message.from, message);
    case 'confirmed':
      return [{ ...leader, role: { ...leader.role, question: answered(rules, leader.role.question, message) } }, []];
    case 'ask':
      return [rememberAsker(leader, message), []];
    case 'hello':
      return onConnected(leader, message.from);
    case 'damaged':
      return shrink(leader, message.from);
    case 'leaving':
      return [leaves(leader, message.from), []];
    case 'append':
    case 'snapshot':
    case 'fresh':
    case 'refused':
      return [leader, []];
  }
}

function whatFollows(rules: Rules, leader: Leader): Step<Leader> {
  const before = leader.committed;
  return chain<Leader>(
    leader,
    (state) => advanceCommit(rules, state),
    (state) => (state.committed > before ? sendToAll(state, true) : [state, []]),
    (state) => advanceApplied(rules, state),
    (state) => retire(state),
    (state) => expand(rules, state),
    (state) => answerAskers(rules, state),
    (state) => advanceHandOver(state),
  );
}
