/** Everything that can go wrong. Each fault ends by itself, or when the world is healed; one that cannot be, as things are, is not. */
import type { Machine } from '../node/machine.ts';
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';

export interface FaultKind {
  readonly name: string;
  /** What happened, in words; undefined when it could not. */
  readonly begin: (world: World, chance: Chance) => string | undefined;
}

const onMachine = (name: string, act: (machine: Machine, world: World, chance: Chance) => string | undefined): FaultKind => ({
  name,
  begin: (world, chance) => {
    const machine = chance.pick(world.machines);
    return machine.process === undefined ? undefined : act(machine, world, chance);
  },
});

/** Every place there is but clients. */
const placesOf = ({ machines }: World): readonly string[] => [...machines.map(({ node }) => node), 'api', 'operator'];

function forAWhile(world: World, ms: number, name: string, end: () => void): string {
  world.timeline.after(ms, name, end);
  return `for ${(ms / 1000).toFixed(1)} s`;
}

const processes: readonly FaultKind[] = [
  onMachine('kill', (machine, _, chance) => {
    machine.kill(chance.skewed(1_000, 20_000));
    return `${machine.node} is killed`;
  }),
  onMachine('power', (machine, _, chance) => {
    machine.losePower(chance.skewed(3_000, 30_000));
    return `${machine.node} loses its power`;
  }),
  onMachine('pause', (machine, world, chance) => {
    const { process } = machine;
    if (process === undefined || process.isStopped) return undefined;
    process.stop();
    const ms = chance.pick([300, 1_500, 4_000, 15_000]) * chance.between(0.5, 1.5);
    return `the process on ${machine.node} stands still ${forAWhile(world, ms, 'goes on', () => process.goOn())}`;
  }),
  {
    name: 'operator dies',
    begin: (world, chance) => {
      const [name] = world.operators.running.keys();
      if (name === undefined) return undefined;
      world.operators.end(name);
      return `${name} is killed, and another begins ${forAWhile(world, chance.skewed(500, 20_000), 'operator begins', () => world.operators.start())} later`;
    },
  },
  {
    name: 'two operators',
    begin: (world, chance) => {
      if (world.operators.running.size !== 1) return undefined;
      world.operators.start();
      const [older] = world.operators.running.keys();
      const end = () => world.operators.end(older ?? '');
      return `a second operator works beside ${older} ${forAWhile(world, chance.between(2_000, 20_000), 'operator ends', end)}`;
    },
  },
  {
    name: 'operator pauses',
    begin: (world, chance) => {
      const [process] = world.operators.running.values();
      if (process === undefined || process.isStopped) return undefined;
      process.stop();
      return `the operator stands still ${forAWhile(world, chance.between(1_000, 12_000), 'operator goes on', () => process.goOn())}`;
    },
  },
];

const networks: readonly FaultKind[] = [
  {
    name: 'cut',
    begin: (world, chance) => {
      const [from = '', to = ''] = chance.pickSome(placesOf(world), 2);
      const isOneWay = chance.is(0.5);
      const ways = [world.network.path(from, to), ...(isOneWay ? [] : [world.network.path(to, from)])];
      if (ways.some(({ isCut }) => isCut)) return undefined;
      for (const way of ways) way.cut();
      const ms = chance.pick([200, 1_000, 5_000, 20_000]) * chance.between(0.5, 1.5);
      const while_ = forAWhile(world, ms, 'healed', () => ways.forEach((way) => way.heal()));
      return `nothing passes from ${from} to ${to}${isOneWay ? '' : ' and back'} ${while_}`;
    },
  },
  {
    name: 'isolate',
    begin: (world, chance) => {
      const { node } = chance.pick(world.machines);
      // Some still reach it, so that not all see the same.
      const others = placesOf(world).filter((place) => place !== node && chance.is(0.8));
      const ways = others.flatMap((place) => [world.network.path(node, place), world.network.path(place, node)]);
      if (ways.length === 0 || ways.some(({ isCut }) => isCut)) return undefined;
      for (const way of ways) way.cut();
      const ms = chance.pick([1_000, 5_000, 20_000]) * chance.between(0.5, 1.5);
      return `${node} is cut off from ${others.join(', ')} ${forAWhile(world, ms, 'healed', () => ways.forEach((way) => way.heal()))}`;
    },
  },
  {
    name: 'slow link',
    begin: (world, chance) => {
      const [from = '', to = ''] = chance.pickSome(placesOf(world), 2);
      const way = world.network.path(from, to);
      const before = way.delayMs;
      if (before > 20) return undefined;
      way.delayMs = chance.pick([30, 200, 900]);
      const restore = () => {
        way.delayMs = before;
      };
      return `from ${from} to ${to} takes ${way.delayMs} ms ${forAWhile(world, chance.between(1_000, 10_000), 'fast again', restore)}`;
    },
  },
  {
    name: 'reset',
    begin: (world, chance) => {
      const [a, b] = chance.pickSome(world.machines, 2);
      if (a?.running === undefined || b?.running === undefined) return undefined;
      a.running.links.reset(b.node);
      world.timeline.after(chance.between(0, 50), 'reset', () => b.running?.links.reset(a.node));
      return `the connection between ${a.node} and ${b.node} is lost with all that is on it`;
    },
  },
];

const kubernetes: readonly FaultKind[] = [
  {
    name: 'API outage',
    begin: (world, chance) => {
      if (!world.api.isUp) return undefined;
      world.api.goDown();
      return `the API server is away ${forAWhile(world, chance.pick([500, 3_000, 15_000]) * chance.between(0.5, 1.5), 'API is back', () => world.api.comeUp())}`;
    },
  },
  {
    name: 'API troubles',
    begin: (world, chance) => {
      const { troubles } = world;
      const which = chance.pick(['lostRequests', 'lostReplies', 'lateRequests'] as const);
      troubles[which] = chance.pick([0.2, 0.6, 1]);
      const end = () => {
        troubles[which] = 0;
      };
      return `${which} of the API: ${troubles[which] * 100} % ${forAWhile(world, chance.between(1_000, 12_000), `no ${which}`, end)}`;
    },
  },
  {
    name: 'stale watches',
    begin: (world, chance) => {
      const { troubles } = world;
      troubles.staleMs = chance.pick([200, 2_000, 8_000]);
      const end = () => {
        troubles.staleMs = 0;
      };
      return `watches come ${troubles.staleMs} ms late ${forAWhile(world, chance.between(1_000, 15_000), 'watches are fresh', end)}`;
    },
  },
];

const disks: readonly FaultKind[] = [
  onMachine('slow disk', ({ node, volume }, world, chance) => {
    if (volume.syncMs > 5) return undefined;
    volume.syncMs = chance.pick([20, 200, 1_500]);
    const end = () => {
      volume.syncMs = 1;
    };
    return `a sync on ${node} takes ${volume.syncMs} ms ${forAWhile(world, chance.between(1_000, 8_000), 'disk is fast', end)}`;
  }),
  onMachine('full disk', ({ node, volume }, world, chance) => {
    const { log } = volume;
    if (Number.isFinite(log.capacityBytes)) return undefined;
    log.capacityBytes = log.usedBytes + chance.integer(0, 4_000);
    const end = () => {
      log.capacityBytes = Infinity;
    };
    return `the disk of ${node} has room for ${log.capacityBytes - log.usedBytes} bytes ${forAWhile(world, chance.between(1_000, 10_000), 'disk has room', end)}`;
  }),
  onMachine('wipe', (machine, world, chance) => {
    // Copies may be lost one at a time: with none of them spare, data would be lost that nobody promised to keep.
    if (!world.isWhole || world.copies < 2 || !world.api.isUp) return undefined;
    for (const { replicaId } of machine.volume.replicas.values()) world.ledger.lost(replicaId);
    machine.losePower(chance.between(500, 5_000));
    machine.volume.wipe();
    world.kubelets.replace(machine);
    return `${machine.node} gets another Pod with an empty volume`;
  }),
  onMachine('rot', ({ node, volume }, world) => {
    if (!world.isWhole || world.copies < 2 || world.rottenNode !== undefined) return undefined;
    const where = volume.rot();
    if (where === undefined) return undefined;
    world.rotten(node);
    return `a bit changes on the disk of ${node}, in ${where}`;
  }),
  onMachine('new Pod', (machine, world, chance) => {
    if (!world.api.isUp) return undefined;
    machine.kill(chance.between(500, 5_000));
    world.kubelets.replacePod(machine);
    return `${machine.node} gets another Pod on its volume`;
  }),
];

export const faultKinds: readonly FaultKind[] = [...processes, ...networks, ...kubernetes, ...disks];
