/** What can strike one machine. */
import type { Machine } from '../node/machine.ts';
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';
import type { FaultKind } from './fault-kind.ts';
import { forAWhile, pickMachine, placesOf } from './targets.ts';

export interface Blow {
  readonly name: string;
  /** What happened, in words; undefined when it could not. */
  readonly strike: (machine: Machine, world: World, chance: Chance) => string | undefined;
}

export const blows: readonly Blow[] = [
  {
    name: 'kill',
    strike: (machine, _, chance) => {
      machine.kill(chance.skewed(1_000, 20_000));
      return `${machine.node} is killed`;
    },
  },
  {
    name: 'terminate',
    strike: (machine, _, chance) => {
      machine.terminate(chance.between(1, 1_500), chance.skewed(1_000, 20_000));
      return `${machine.node} is told to end`;
    },
  },
  {
    name: 'power',
    strike: (machine, _, chance) => {
      machine.losePower(chance.skewed(3_000, 30_000));
      return `${machine.node} loses its power`;
    },
  },
  {
    name: 'pause',
    strike: ({ node, process }, world, chance) => {
      if (process === undefined || process.isStopped) return undefined;
      process.stop();
      const ms = chance.pick([300, 1_500, 4_000, 15_000]) * chance.between(0.5, 1.5);
      return `the process on ${node} stands still ${forAWhile(world, ms, 'goes on', () => process.goOn())}`;
    },
  },
  {
    name: 'isolate',
    strike: ({ node }, world, chance) => {
      // Some may still reach it, so that not all see the same; and what still passes may take long.
      const share = chance.pick([0.5, 0.8, 1]);
      const others = placesOf(world).filter((place) => place !== node);
      const lost = others.filter(() => chance.is(share));
      const left = others.filter((place) => !lost.includes(place));
      const both = (place: string) => [world.network.path(node, place), world.network.path(place, node)];
      const slowMs = chance.is(0.5) ? chance.pick([30, 200, 900]) : 0;
      const slowed = slowMs === 0 ? [] : left.flatMap(both).filter(() => chance.is(0.5));
      const ends = [...lost.flatMap(both).map((way) => way.cut()), ...slowed.map((way) => way.slow(slowMs))];
      const ms = chance.pick([1_000, 6_000, 15_000]) * chance.between(0.5, 1.5);
      const while_ = forAWhile(world, ms, 'healed', () => ends.forEach((end) => end()));
      const slow = slowed.length > 0 ? `, and some of what passes takes ${slowMs} ms,` : '';
      return `${node} is cut off from ${lost.join(', ') || 'nobody'}${slow} ${while_}`;
    },
  },
];

export const machineFaults: readonly FaultKind[] = blows.map(({ name, strike }) => ({
  name,
  begin: (world, chance) => {
    const machine = pickMachine(world, chance);
    return machine.process === undefined ? undefined : strike(machine, world, chance);
  },
}));
