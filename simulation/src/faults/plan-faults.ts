/** What goes wrong in one life of a cluster, and when: drawn beforehand, so that a story can be told again with less of it. */
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';
import { faultKinds } from './fault-kinds.ts';

export interface Fault {
  readonly atMs: number;
  readonly name: string;
  /** In words; undefined where it could not be, as things were. */
  readonly begin: () => string | undefined;
}

export interface FaultPlanOptions {
  readonly world: World;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export function planFaults(chance: Chance, { world, fromMs, toMs, count }: FaultPlanOptions): readonly Fault[] {
  const favourites = chance.pickSome(faultKinds, chance.integer(2, faultKinds.length));
  const plans = Array.from({ length: count }, (_, index) => {
    const own = chance.of(String(index));
    const kind = own.pick(favourites);
    return { atMs: own.between(fromMs, toMs), name: kind.name, begin: () => kind.begin(world, own) };
  });
  return plans.toSorted((a, b) => a.atMs - b.atMs);
}
