/** Everything that can happen next, each with its name in words. */
import type { Configuration } from '../../src/replication/configuration.ts';
import { extended, emptyLog } from '../../src/replication/log-shape.ts';
import { isAsking, startReplica } from '../../src/replication/replica.ts';
import { admitRead, happen } from './carry-out.ts';
import { nodeOf, withNode, withoutRead, type ChangeUnderWay, type Letter, type Node, type Scenario, type World } from './world.ts';

export type Move = readonly [name: string, after: () => World];

export function* moves(scenario: Scenario, world: World): Generator<Move> {
  for (const node of world.nodes) {
    yield* watches(scenario, world, node);
    yield* clients(scenario, world, node);
    yield* reads(scenario, world, node);
    yield* faults(scenario, world, node);
    yield* silences(scenario, world, node);
  }
  for (const [place, letter] of world.letters) {
    const { message } = letter;
    const to = world.nodes.find(({ replica }) => replica.replicaId === message.to);
    if (!to) continue;
    const name = `${message.kind} ${message.from} to ${message.to}, epoch ${message.epoch}`;
    yield [name, () => deliver(scenario, scenario.repeats ? world : without(world, place), to.name, letter)];
  }
  yield* apiServer(scenario, world);
  yield* operator(scenario, world);
}

function without(world: World, place: string): World {
  const letters = new Map(world.letters);
  letters.delete(place);
  return { ...world, letters };
}

export function deliver(scenario: Scenario, world: World, name: string, { message, bodies }: Letter): World {
  const before = nodeOf(world, name).replica;
  const after = happen(scenario, world, name, { kind: 'received', message, now: 0 }, bodies);
  const isMoved = message.epoch < before.epoch && nodeOf(after, name).replica !== before;
  return isMoved && !scenario.without?.includes('I6') ? { ...after, harm: `I6: ${name} acted on a message of an older epoch` } : after;
}

function* watches(scenario: Scenario, world: World, { name, replica }: Node): Generator<Move> {
  for (const configuration of scenario.staleWatches === false ? [world.object] : world.history) {
    const isNews = configuration.epoch > replica.epoch || (configuration.epoch === replica.epoch && configuration === world.object);
    const isAgain =
      configuration.epoch === replica.epoch && replica.role.kind === 'following' && configuration.primary === replica.replicaId;
    if (!isNews && !isAgain) continue;
    yield [
      `${name} sees version ${configuration.version}`,
      () => happen(scenario, world, name, { kind: 'configuration-seen', configuration }),
    ];
  }
}

function* clients(scenario: Scenario, world: World, node: Node): Generator<Move> {
  const { replica, name, entries } = node;
  const { role } = replica;
  if (role.kind !== 'leading' || role.phase !== 'serving') return;
  const { spent } = world;
  if (spent.writes < scenario.writes && entries.length < scenario.writes) {
    yield [`write ${spent.writes + 1} at ${name}`, () => write(scenario, world, node)];
  }
  if (node.unsynced > 0) {
    const persisted = { kind: 'persisted', epoch: replica.epoch, upTo: BigInt(entries.length) } as const;
    yield [`${name} syncs`, () => happen(scenario, withNode(world, name, { unsynced: 0 }), name, persisted)];
  }
}

/** One that goes on waits no more when another begins there. */
function* reads(scenario: Scenario, world: World, { name, replica }: Node): Generator<Move> {
  if (isAsking(replica)) yield [`${name} asks again`, () => happen(scenario, world, name, { kind: 'answers-missed' })];
  const { spent } = world;
  if (spent.reads >= (scenario.reads ?? 0) || scenario.readers?.includes(name) === false) return;
  const begunAt = spent.reads + 1;
  const begun = new Map(world.reads).set(name, { begunAt, mustSee: world.acknowledged.map(({ write }) => write) });
  const next = { ...world, reads: begun, spent: { ...spent, reads: begunAt } };
  yield [`linearizable read at ${name}`, () => admitRead(scenario, next, name)];
}

export function write(scenario: Scenario, world: World, { name, replica, entries, unsynced }: Node): World {
  const number = world.spent.writes + 1;
  const logged = [...entries, { epoch: replica.epoch, write: number }];
  const spent = { ...world.spent, writes: number };
  const next = withNode({ ...world, spent }, name, { entries: logged, unsynced: unsynced + 1 });
  return happen(scenario, next, name, { kind: 'proposed', entries: 1 });
}

function* silences(scenario: Scenario, world: World, { name, replica }: Node): Generator<Move> {
  const { role } = replica;
  if (role.kind !== 'leading') return;
  for (const [other, { phase }] of role.peers) {
    const isSent = world.letters.has(`${replica.replicaId}>${other}:${replica.epoch}:append`);
    if (phase !== 'probing' || isSent) continue;
    yield [`${name} and ${other} connect`, () => happen(scenario, world, name, { kind: 'connected', replica: other })];
  }
  if (role.change || world.spent.changes >= scenario.changes) return;
  for (const silent of role.configuration.inSync) {
    if (silent === replica.replicaId || scenario.silent?.includes(silent) === false) continue;
    yield [`${name} misses ${silent}`, () => happen(scenario, world, name, { kind: 'fell-silent', replica: silent })];
  }
}

function* faults(scenario: Scenario, world: World, node: Node): Generator<Move> {
  const { spent } = world;
  if (spent.crashes < (scenario.crashes ?? 0)) {
    const kept = node.entries.slice(0, node.entries.length - node.unsynced);
    yield [`${node.name} crashes`, () => restarted({ ...world, spent: { ...spent, crashes: spent.crashes + 1 } }, node, kept)];
  }
  if (spent.wipes < (scenario.wipes ?? 0) && node.replica.role.kind !== 'leading') {
    yield [`${node.name} loses its volume`, () => wiped(scenario, { ...world, spent: { ...spent, wipes: spent.wipes + 1 } }, node)];
  }
}

function restarted(world: World, { name, replica }: Node, entries: Node['entries']): World {
  const positions = entries.map(({ epoch }, index) => ({ epoch, sequence: BigInt(index + 1) }));
  const log = extended(emptyLog, positions);
  const again = startReplica({ shard: replica.shard, replicaId: replica.replicaId, epoch: replica.epoch, log, applied: 0n });
  return withNode(forget(world, name, replica.replicaId), name, { replica: again, entries, unsynced: 0 });
}

function wiped(scenario: Scenario, world: World, { name, replica, wipes }: Node): World {
  const replicaId = scenario.reusesReplicaId ? replica.replicaId : `${name}${wipes + 2}`;
  const empty = startReplica({ shard: replica.shard, replicaId, epoch: 0n });
  const next = withNode(forget(world, name, replica.replicaId), name, { replica: empty, entries: [], unsynced: 0, wipes: wipes + 1 });
  if (scenario.reusesReplicaId) return next;
  const { members } = next.object;
  return written(next, { members: [...members, { replicaId, node: name, kind: 'Voter' }] });
}

function forget(world: World, name: string, replicaId: string): World {
  return {
    ...withoutRead(world, name),
    quorumReads: world.quorumReads.filter(({ by }) => by !== replicaId),
    changes: world.changes.map((each) => (each.by === replicaId ? { ...each, isOrphan: true } : each)),
  };
}

function written(world: World, change: Partial<Configuration>): World {
  const object: Configuration = { ...world.object, ...change, version: String(Number(world.object.version) + 1) };
  return { ...world, object, history: [...world.history, object] };
}

function* apiServer(scenario: Scenario, world: World): Generator<Move> {
  for (const change of world.changes) {
    const { by, outcome } = change;
    const asker = world.nodes.find(({ replica }) => replica.replicaId === by)?.name;
    if (outcome === 'not arrived') yield [`the change of ${by} to ${change.inSync.join('')} arrives`, () => arrive(world, change)];
    if (asker === undefined || change.isOrphan) continue;
    const others = world.changes.filter((each) => each !== change);
    if (outcome !== 'not arrived') {
      const told = outcome === 'conflict' ? ({ kind: 'conflict' } as const) : ({ kind: 'done', configuration: outcome } as const);
      const event = { kind: 'change-answered', epoch: change.epoch, attempt: change.attempt, outcome: told } as const;
      yield [`${by} is told of its change`, () => happen(scenario, { ...world, changes: others }, asker, event)];
    }
    if (world.spent.lostReplies < (scenario.lostReplies ?? 0)) {
      const left = outcome === 'not arrived' ? [...others, { ...change, isOrphan: true }] : others;
      const spent = { ...world.spent, lostReplies: world.spent.lostReplies + 1 };
      const event = { kind: 'change-answered', epoch: change.epoch, attempt: change.attempt, outcome: { kind: 'unknown' } } as const;
      yield [`the reply to ${by} is lost`, () => happen(scenario, { ...world, changes: left, spent }, asker, event)];
    }
  }
  for (const read of world.quorumReads) {
    const asker = world.nodes.find(({ replica }) => replica.replicaId === read.by)?.name;
    if (asker === undefined) continue;
    const next = { ...world, quorumReads: world.quorumReads.filter((each) => each !== read) };
    const event = { kind: 'configuration-read', epoch: read.epoch, number: read.number, configuration: world.object } as const;
    yield [`${read.by} reads the object`, () => happen(scenario, next, asker, event)];
  }
}

function arrive(world: World, change: ChangeUnderWay): World {
  const isCurrent = world.object.version === change.expected;
  const next = isCurrent ? written(world, { inSync: change.inSync }) : world;
  const settled: ChangeUnderWay = { ...change, outcome: isCurrent ? next.object : 'conflict' };
  const changes = next.changes.flatMap((each) => (each !== change ? [each] : change.isOrphan ? [] : [settled]));
  return { ...next, changes, spent: { ...next.spent, changes: next.spent.changes + (isCurrent ? 1 : 0) } };
}

function* operator(scenario: Scenario, world: World): Generator<Move> {
  const bases = scenario.operator === 'writes without a version' ? world.history : [world.object];
  for (const base of bases) {
    if (base.epoch >= scenario.epochs) continue;
    const candidates = scenario.operator === 'promotes anyone' ? world.nodes.map(({ replica }) => replica.replicaId) : base.inSync;
    for (const primary of candidates) {
      if (!world.nodes.some(({ replica }) => replica.replicaId === primary)) continue;
      const rest = base.inSync.filter((each) => each === primary || each !== base.primary);
      const inSync = rest.includes(primary) ? rest : [...rest, primary];
      const decided = { epoch: base.epoch + 1n, primary, inSync, members: world.object.members };
      yield [`operator: ${primary} leads epoch ${decided.epoch}, from version ${base.version}`, () => written(world, decided)];
    }
  }
}
