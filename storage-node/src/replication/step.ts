/**
 * The replication protocol of one replica: step(replica, event) → [replica, effects]. Nothing here waits, asks the time or touches a
 * disk. Here is the gate: whatever is of an older epoch is refused, whatever is of a newer one ends what this replica was doing.
 */
import { send } from './catch-up.ts';
import { chain } from './chain.ts';
import { advanceQuestion, askAgain, putQuestion } from './confirmation.ts';
import type { Configuration } from './configuration.ts';
import type { Effect, Step } from './effects.ts';
import type { ReplicaEvent } from './events.ts';
import { onFollowerApplied, onReceivedFollowing, onSnapshotInstalled } from './following.ts';
import { lead, stepLeading } from './leading.ts';
import { released } from './log-shape.ts';
import { isFromPrimary, type Message } from './messages.ts';
import { following, type Follower, type Leader, type Replica } from './replica.ts';
import { rules as rulesOfProduction, type Rules } from './rules.ts';

export type ReplicaStep = (replica: Replica, event: ReplicaEvent) => Step<Replica>;

export const step: ReplicaStep = stepWith(rulesOfProduction);

export function stepWith(rules: Rules): ReplicaStep {
  return (replica, event) =>
    chain(
      replica,
      (state) => react(rules, state, event),
      (state) => advanceQuestion(rules, state),
    );
}

function react(rules: Rules, replica: Replica, event: ReplicaEvent): Step<Replica> {
  if (replica.role.kind === 'barred') return [replica, []];
  if (event.kind === 'configuration-seen' || event.kind === 'configuration-read') {
    if (mustFollow(rules, replica, event.configuration)) return onNewerConfiguration(rules, replica, event.configuration);
  }
  if (event.kind === 'received') return onReceived(rules, replica, event.message, event.now);
  if (event.kind === 'log-released') return [{ ...replica, log: released(replica.log, event.upTo) }, []];
  if (event.kind === 'damage-found') return bar(replica, event.because);
  if (event.kind === 'freshness-wanted') return [putQuestion(replica, event.question, event.now), []];
  if (event.kind === 'answers-missed') return [askAgain(replica), []];
  if (isLeader(replica)) return stepLeading(rules, replica, event);
  return isFollower(replica) ? stepFollowing(replica, event) : [replica, []];
}

function bar(replica: Replica, because: string): Step<Replica> {
  const stopped = stopLeading(replica, replica.epoch);
  return [{ ...replica, role: { kind: 'barred', because } }, [...stopped, { kind: 'report-damage', because }]];
}

function stepFollowing(follower: Follower, event: ReplicaEvent): Step<Follower> {
  switch (event.kind) {
    case 'applied':
      return onFollowerApplied(follower, event.upTo);
    case 'snapshot-installed':
      return onSnapshotInstalled(follower, event.position, event.epoch === follower.epoch);
    case 'configuration-seen':
    case 'configuration-read':
      return meetPrimary(follower, event.configuration);
    case 'change-answered':
    case 'epoch-persisted':
    case 'proposed':
    case 'persisted':
    case 'received':
    case 'log-released':
    case 'fell-silent':
    case 'connected':
    case 'hand-over-asked':
    case 'hand-over-abandoned':
    case 'damage-found':
    case 'freshness-wanted':
    case 'answers-missed':
      return [follower, []];
  }
}

/** A process that has started again learns from the object whom it follows in the epoch of its disk. */
function meetPrimary(follower: Follower, { epoch, primary }: Configuration): Step<Follower> {
  const isNews = epoch === follower.epoch && follower.role.primary === undefined && primary !== undefined;
  if (!isNews || primary === follower.replicaId) return [follower, []];
  const met: Follower = { ...follower, role: { ...follower.role, primary } };
  return [met, [send(met, primary, { kind: 'hello' }, 'when-durable')]];
}

function mustFollow(rules: Rules, replica: Replica, configuration: Configuration): boolean {
  return configuration.epoch > replica.epoch || (replica.role.kind === 'following' && rules.mayLead(replica, configuration));
}

function onNewerConfiguration(rules: Rules, replica: Replica, configuration: Configuration): Step<Replica> {
  const { epoch, primary } = configuration;
  const stopped = stopLeading(replica, epoch);
  if (rules.mayLead(replica, configuration)) {
    const [leader, effects] = lead(replica, configuration);
    return [leader, [...stopped, ...effects, ...farewell(replica, leader)]];
  }
  const follower = { ...replica, epoch, role: following(primary) };
  const isOther = primary !== undefined && primary !== replica.replicaId;
  const hello = isOther ? [send(follower, primary, { kind: 'hello' }, 'when-durable')] : [];
  return [follower, [...stopped, { kind: 'persist-epoch', epoch }, ...hello, ...farewell(replica, follower)]];
}

function onReceived(rules: Rules, replica: Replica, message: Message, now: number): Step<Replica> {
  if (message.shard !== replica.shard || message.to !== replica.replicaId || message.from === replica.replicaId) return [replica, []];
  if (rules.isObsolete(message.epoch, replica.epoch)) {
    const wantsToKnow = isFromPrimary(message) || message.kind === 'ask';
    return [replica, wantsToKnow ? [send(replica, message.from, { kind: 'refused' }, 'when-durable')] : []];
  }
  if (message.epoch <= replica.epoch) return inEpoch(rules, replica, message, now);
  if (message.kind === 'refused') return stopServing(replica, message.epoch);
  // A follower may know before its primary that this is primary: who took the epoch from its word could not lead in it any more.
  if (!isFromPrimary(message)) return [replica, []];
  const { epoch } = message;
  const adopted: Replica = { ...replica, epoch, role: following(message.from) };
  const [next, effects] = inEpoch(rules, adopted, message, now);
  return [next, [...stopLeading(replica, epoch), { kind: 'persist-epoch', epoch }, ...effects, ...farewell(replica, next)]];
}

/** Who was followed until now learns of the newer epoch at once, even where it cannot see the object: it must not answer reads any more. */
function farewell({ role, replicaId }: Replica, next: Replica): readonly Effect[] {
  if (role.kind !== 'following' || role.primary === undefined || role.primary === replicaId) return [];
  return [send(next, role.primary, { kind: 'refused' }, 'when-durable')];
}

/** Orders and answers nothing any more; which epoch it is, and who leads in it, the object says or its primary. */
function stopServing(replica: Replica, newerEpoch: bigint): Step<Replica> {
  return isLeader(replica) ? [{ ...replica, role: following(undefined) }, stopLeading(replica, newerEpoch)] : [replica, []];
}

function inEpoch(rules: Rules, replica: Replica, message: Message, now: number): Step<Replica> {
  if (isLeader(replica)) return stepLeading(rules, replica, { kind: 'received', message, now });
  return isFollower(replica) ? onReceivedFollowing(rules, replica, message, now) : [replica, []];
}

function stopLeading({ role }: Replica, newerEpoch: bigint): readonly Effect[] {
  return role.kind === 'leading' ? [{ kind: 'step-down', newerEpoch }] : [];
}

export function isLeader(replica: Replica): replica is Leader {
  return replica.role.kind === 'leading';
}

export function isFollower(replica: Replica): replica is Follower {
  return replica.role.kind === 'following';
}
