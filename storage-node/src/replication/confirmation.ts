/**
 * How fresh a replica is. It puts one question to everyone who may be in force: the primary says what is committed and who may be in force,
 * every other one that it knows no newer epoch. When all whom the primary named have said so, whatever had been acknowledged when the
 * question was put lies at or below that commit index. For whoever was the first to do anything in a later epoch was in sync in this one,
 * and so was named: only this primary changes the set of its epoch, and no change of its succeeds once there is another. That one had its
 * epoch on its disk first, and would not have confirmed. Who confirms promises nothing for the time to come, and waits for no disk.
 */
import { send } from './catch-up.ts';
import { membersInForce } from './commit.ts';
import type { Effect, Step } from './effects.ts';
import type { Ask, Confirmed, Envelope, Fresh } from './messages.ts';
import type { Follower, Leader, Question, Replica, Word } from './replica.ts';
import type { Rules } from './rules.ts';

/** Whoever wants to know while one is under way shares the next. That it knows no newer epoch itself, it knows. */
export function putQuestion(replica: Replica, number: number, now: number): Replica {
  const { role, replicaId } = replica;
  if (role.kind === 'barred' || role.question) return replica;
  const question: Question = { number, askedAt: now, asked: [replicaId], confirmedBy: [replicaId], word: undefined };
  return { ...replica, role: { ...role, question } };
}

/** A question or its answer may be lost, and the primary may name others now. */
export function askAgain(replica: Replica): Replica {
  const { role } = replica;
  if (role.kind === 'barred' || !role.question) return replica;
  const primary = role.kind === 'following' ? role.primary : undefined;
  const asked = role.question.confirmedBy.filter((each) => each !== primary);
  return { ...replica, role: { ...role, question: { ...role.question, asked } } };
}

/** Asks whoever was not asked yet; ends the question when nobody's word is missing any more. */
export function advanceQuestion(rules: Rules, replica: Replica): Step<Replica> {
  const { role } = replica;
  if (role.kind === 'barred' || !role.question) return [replica, []];
  const { question } = role;
  const word = role.kind === 'leading' ? wordOf(rules, { ...replica, role }) : question.word;
  if (word) {
    const needed = rules.confirmers(word.inForce, question.asked);
    if (rules.isConfirmed(unconfirmed(question, needed), needed)) {
      return [{ ...replica, role: { ...role, question: undefined, fresh: { ...word, asOf: question.askedAt } } }, []];
    }
  }
  const primary = role.kind === 'following' && role.primary !== undefined ? [role.primary] : [];
  const inForce = word?.inForce ?? role.fresh?.inForce ?? [];
  const unasked = [...new Set([...primary, ...inForce])].filter((each) => !question.asked.includes(each));
  if (unasked.length === 0) return [replica, []];
  const asking: Replica = { ...replica, role: { ...role, question: { ...question, asked: [...question.asked, ...unasked] } } };
  return [asking, unasked.map((to) => send(asking, to, { kind: 'ask', question: question.number }, 'at-once'))];
}

export function unconfirmed({ confirmedBy }: Question, needed: readonly string[]): readonly string[] {
  return needed.filter((each) => !confirmedBy.includes(each));
}

/** What a primary says of itself, once it knows what was acknowledged before it. */
function wordOf(rules: Rules, leader: Leader): Word | undefined {
  const { role, committed } = leader;
  if (role.phase === 'adopting' || !rules.mayReadLinearizably(leader, role)) return undefined;
  return { committed, inForce: membersInForce(rules, role) };
}

/** To be answered as soon as this primary may. */
export function rememberAsker(leader: Leader, { from, question }: Envelope & Ask): Leader {
  return { ...leader, role: { ...leader.role, askers: new Map(leader.role.askers).set(from, question) } };
}

export function answerAskers(rules: Rules, leader: Leader): Step<Leader> {
  const { askers } = leader.role;
  const word = askers.size > 0 ? wordOf(rules, leader) : undefined;
  if (!word) return [leader, []];
  const answers = [...askers].map(([to, question]) => send(leader, to, { kind: 'fresh', question, ...word }, 'at-once'));
  return [{ ...leader, role: { ...leader.role, askers: new Map() } }, answers];
}

export function confirm(follower: Follower, { from, question }: Envelope & Ask): Effect {
  return send(follower, from, { kind: 'confirmed', question }, 'at-once');
}

/** Of the question under way, if it is an answer to that. */
export function answered(rules: Rules, question: Question | undefined, message: Envelope & (Confirmed | Fresh)): Question | undefined {
  if (!question || !rules.isAnswerTo(message.question, question.number)) return question;
  const word = message.kind === 'fresh' ? { committed: message.committed, inForce: message.inForce } : question.word;
  return { ...question, word, confirmedBy: [...new Set(question.confirmedBy).add(message.from)] };
}
