/** Plays the runner: feeds an event to the real step and carries out what comes of it, down to the last effect. */
import type { Effect } from '../../src/replication/effects.ts';
import type { ReplicaEvent } from '../../src/replication/events.ts';
import { isAsking } from '../../src/replication/replica.ts';
import { mayServe } from '../../src/replication/serving-reads.ts';
import { stepWith } from '../../src/replication/step.ts';
import type { Entry, Letter, Read, Scenario, World } from './world.ts';
import { nodeOf, withNode, withoutRead } from './world.ts';

/** `bodies` are those of the message that the event delivers. */
export function happen(scenario: Scenario, before: World, name: string, event: ReplicaEvent, bodies: readonly Entry[] = []): World {
  let world = before;
  const queue: ReplicaEvent[] = [event];
  while (queue.length > 0) {
    const next = queue.shift();
    if (!next) break;
    const node = nodeOf(world, name);
    const [replica, effects] = stepWith(scenario.rules)(node.replica, next);
    if (replica === node.replica && effects.length === 0) continue;
    world = withNode(world, name, { replica });
    const isAnswer = next.kind === 'received' && next.message.epoch <= node.replica.epoch;
    // Who leaves an epoch tells its primary, which only learns sooner what the search lets it find out at any time.
    const modelled = isAnswer ? effects : effects.filter((each) => each.kind !== 'send' || each.message.kind !== 'refused');
    for (const effect of modelled) world = carryOut(scenario, world, name, effect, bodies, queue);
  }
  return admitRead(scenario, world, name);
}

/** Plays the admission of reads: puts the question that a read needs, and answers it as soon as the replica may. */
export function admitRead(scenario: Scenario, world: World, name: string): World {
  const read = world.reads.get(name);
  if (!read) return world;
  const { replica } = nodeOf(world, name);
  const { begunAt } = read;
  const decision = mayServe(replica, { kind: 'linearizable' }, { now: begunAt, heardAt: begunAt, othersHeardAt: begunAt, begunAt });
  if (decision.kind === 'serve') return answerRead(world, name, read);
  if (decision.kind !== 'ask' || isAsking(replica)) return world;
  return happen(scenario, world, name, { kind: 'freshness-wanted', question: begunAt, now: begunAt });
}

function carryOut(scenario: Scenario, world: World, name: string, effect: Effect, bodies: readonly Entry[], queue: ReplicaEvent[]): World {
  const node = nodeOf(world, name);
  switch (effect.kind) {
    case 'persist-epoch':
      queue.push({ kind: 'epoch-persisted', epoch: effect.epoch });
      return withNode(world, name, { unsynced: 0 });
    case 'truncate':
      return withNode(world, name, { entries: node.entries.slice(0, Number(effect.from) - 1), unsynced: 0 });
    case 'append': {
      if (node.replica.role.kind === 'following') {
        return withNode(world, name, { entries: [...node.entries, ...bodies.slice(bodies.length - effect.entries.length)] });
      }
      if (scenario.slowSync) return world;
      queue.push({ kind: 'persisted', epoch: effect.epoch, upTo: BigInt(node.entries.length) });
      return withNode(world, name, { unsynced: 0 });
    }
    case 'send': {
      const { message } = effect;
      if (message.kind === 'hello') return world; // it makes the primary do what a new connection does, which the search offers anyway
      const sent = message.kind === 'append' ? message.entries.map(({ sequence }) => bodyAt(node.entries, sequence)) : [];
      const letter: Letter = { message, bodies: sent };
      const kind = message.kind === 'mismatch' ? 'appended' : message.kind;
      const epoch = 'question' in message ? 'any' : message.epoch;
      return { ...world, letters: new Map(world.letters).set(`${message.from}>${message.to}:${epoch}:${kind}`, letter) };
    }
    case 'apply':
      queue.push({ kind: 'applied', upTo: effect.upTo });
      return world;
    case 'answer-writes':
      return effect.level === 'committed' ? acknowledge(world, name, effect.upTo) : shownEverywhere(world, name, effect.upTo);
    case 'change-in-sync': {
      const { attempt, epoch, expected, inSync } = effect;
      const asked = { by: node.replica.replicaId, attempt, epoch, expected, inSync, outcome: 'not arrived', isOrphan: false } as const;
      return { ...world, changes: [...world.changes, asked] };
    }
    case 'read-configuration':
      return { ...world, quorumReads: [...world.quorumReads, { by: node.replica.replicaId, epoch: effect.epoch, number: effect.number }] };
    case 'step-down':
    case 'install-snapshot':
    case 'transfer-snapshot':
    case 'report-drained':
    case 'resume-writes':
    case 'report-damage':
      return world;
  }
}

function bodyAt(entries: readonly Entry[], sequence: bigint): Entry {
  const entry = entries[Number(sequence) - 1];
  if (!entry) throw new Error(`entry ${sequence} is sent and not there`);
  return entry;
}

function acknowledge(world: World, name: string, upTo: bigint): World {
  const { entries, replica } = nodeOf(world, name);
  const { object } = world;
  if (replica.epoch === object.epoch && object.inSync.length < object.minInSync) {
    return { ...world, harm: `I12: acknowledged with ${object.inSync.length} in sync` };
  }
  const known = new Set(world.acknowledged.map(({ sequence, write }) => `${sequence}=${write}`));
  const committed = entries.slice(0, Number(upTo)).map(({ write }, index) => ({ sequence: index + 1, write }));
  const news = committed.filter(({ sequence, write }) => !known.has(`${sequence}=${write}`));
  const acknowledged = [...world.acknowledged, ...news].toSorted((a, b) => a.sequence - b.sequence || a.write - b.write);
  return { ...world, acknowledged };
}

/** wait=true: whoever may be asked shows the write; replicas that are gone show nothing. */
function shownEverywhere(world: World, name: string, upTo: bigint): World {
  const { epoch } = nodeOf(world, name).replica;
  if (epoch !== world.object.epoch) return world;
  const hides = world.nodes.find(({ replica }) => world.object.inSync.includes(replica.replicaId) && replica.applied < upTo);
  return hides && hides.name !== name && hides.replica.committed > 0n
    ? { ...world, harm: `read your writes: ${hides.name} hides one` }
    : world;
}

function answerRead(world: World, name: string, { mustSee }: Read): World {
  const { entries, replica } = nodeOf(world, name);
  const seen = entries.slice(0, Number(replica.applied)).map(({ write }) => write);
  const missed = mustSee.filter((write) => !seen.includes(write));
  const harm = missed.length > 0 ? `I14: a linearizable read at ${name} misses acknowledged write ${missed.join(', ')}` : world.harm;
  return { ...withoutRead(world, name), harm };
}
