/**
 * Confirmation rounds: everyone who could have been promoted says that it knows no newer epoch. What was committed when the round began
 * then covers all that had been acknowledged. Reads that come while a round is under way share the next one.
 */
import { send } from './catch-up.ts';
import { membersInForce } from './commit.ts';
import type { Effect, Step } from './effects.ts';
import type { Leader, Round, Waiting } from './replica.ts';
import type { Rules } from './rules.ts';

export const nothingWaits: Waiting = { reads: [], askers: new Map() };

/** While a round does not end, nobody says that reads were given up meanwhile. */
export const readsWaitingMax = 4096;

export function waitForRound(leader: Leader, read: string): Step<Leader> {
  const { waiting } = leader.role;
  if (waiting.reads.length >= readsWaitingMax) return [leader, [{ kind: 'refuse-reads', reads: [read], epoch: leader.epoch }]];
  return [{ ...leader, role: { ...leader.role, waiting: { ...waiting, reads: [...waiting.reads, read] } } }, []];
}

export function waitForFreshness(leader: Leader, asker: string, clock: number): Leader {
  const { waiting } = leader.role;
  const askers = new Map(waiting.askers).set(asker, clock);
  return { ...leader, role: { ...leader.role, waiting: { ...waiting, askers } } };
}

/**
 * What it asked before it spoke anew may have been asked by an earlier process, whose clock was another: an answer would make the new one
 * take what is old for fresh.
 */
export function forgetQuestions(leader: Leader, asker: string): Leader {
  const { role } = leader;
  const without = (waiting: Waiting): Waiting => ({
    ...waiting,
    askers: new Map([...waiting.askers].filter(([each]) => each !== asker)),
  });
  const round = role.round && { ...role.round, waiting: without(role.round.waiting) };
  return { ...leader, role: { ...role, round, waiting: without(role.waiting) } };
}

/** Begins a round when something waits and none is under way, and ends the one under way when nobody's word is missing any more. */
export function advanceRound(rules: Rules, leader: Leader): Step<Leader> {
  const { role } = leader;
  if (role.round) {
    const inForce = membersInForce(rules, role);
    const missing = role.round.missing.filter((each) => inForce.includes(each));
    const asked = inForce.filter((each) => each !== leader.replicaId);
    if (rules.isConfirmed(missing, asked)) return finish(rules, leader, role.round);
    return [{ ...leader, role: { ...role, round: { ...role.round, missing } } }, []];
  }
  if (role.waiting.reads.length === 0 && role.waiting.askers.size === 0) return [leader, []];
  if (role.phase === 'adopting' || !rules.mayReadLinearizably(leader, role)) return [leader, []];
  const others = membersInForce(rules, role).filter((each) => each !== leader.replicaId);
  const number = role.nextNumber;
  const missing = rules.confirmers(others);
  const round: Round = { number, committed: leader.committed, missing, waiting: role.waiting };
  const begun: Leader = { ...leader, role: { ...role, round, waiting: nothingWaits, nextNumber: number + 1 } };
  if (missing.length === 0) return finish(rules, begun, round);
  return [begun, missing.map((to) => send(begun, to, { kind: 'confirm', round: number }, 'at-once'))];
}

function finish(rules: Rules, leader: Leader, { committed, waiting }: Round): Step<Leader> {
  const answered: Leader = { ...leader, role: { ...leader.role, round: undefined } };
  const fresh = [...waiting.askers].map(([to, clock]) => send(leader, to, { kind: 'fresh', clock, committed }, 'at-once'));
  const reads: readonly Effect[] = waiting.reads.length > 0 ? [{ kind: 'answer-reads', reads: waiting.reads, upTo: committed }] : [];
  const [next, effects] = advanceRound(rules, answered);
  return [next, [...reads, ...fresh, ...effects]];
}

export function onConfirmed(leader: Leader, from: string, number: number): Leader {
  const { round } = leader.role;
  if (round?.number !== number) return leader;
  return { ...leader, role: { ...leader.role, round: { ...round, missing: round.missing.filter((each) => each !== from) } } };
}

/** The same question again, to one whose connection is new. */
export function confirmAgain(leader: Leader, to: string): readonly Effect[] {
  const { round } = leader.role;
  return round?.missing.includes(to) ? [send(leader, to, { kind: 'confirm', round: round.number }, 'at-once')] : [];
}
