/** Everything that can go wrong. Each fault ends by itself, or when the world is healed. */
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';

export interface FaultKind {
  readonly name: string;
  readonly begin: (world: World, chance: Chance) => boolean;
}

export const faultKinds: readonly FaultKind[] = [
  {
    name: 'kill',
    begin: (world, chance) => {
      const machine = chance.pick(world.machines);
      if (machine.process === undefined) return false;
      world.tell(`${machine.node} is killed`);
      machine.kill(chance.skewed(1_000, 20_000));
      return true;
    },
  },
  {
    name: 'power',
    begin: (world, chance) => {
      const machine = chance.pick(world.machines);
      if (machine.process === undefined) return false;
      world.tell(`${machine.node} loses its power`);
      machine.losePower(chance.skewed(3_000, 30_000));
      return true;
    },
  },
];
