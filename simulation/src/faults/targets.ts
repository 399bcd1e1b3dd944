/** Where things go wrong: more often at a machine that leads than where nobody would notice. */
import type { Machine } from '../node/machine.ts';
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';

/** Every place there is but clients. */
export function placesOf({ machines }: World): readonly string[] {
  return [...machines.map(({ node }) => node), 'api', 'operator'];
}

export function pickMachine(world: World, chance: Chance): Machine {
  const leading = world.machines.filter(({ node }) => world.leaders.has(node));
  return chance.pick(leading.length > 0 && chance.is(0.5) ? leading : world.machines);
}

/** Ends it after so many milliseconds; says so in words. */
export function forAWhile(world: World, ms: number, name: string, end: () => void): string {
  world.timeline.after(ms, name, end);
  return `for ${(ms / 1000).toFixed(1)} s`;
}
