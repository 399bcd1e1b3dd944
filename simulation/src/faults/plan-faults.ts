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
  /** Drawn when left out. */
  readonly count: number | undefined;
}

/** Each life has its own few kinds of faults: where everything goes wrong, few things go wrong for long enough to matter. */
export function planFaults(chance: Chance, { world, fromMs, toMs, count }: FaultPlanOptions): readonly Fault[] {
  const favourites = chance.pickSome(faultKinds, chance.integer(2, chance.pick([4, 8, faultKinds.length])));
  const drawn = Math.ceil(((toMs - fromMs) / 1000) * chance.pick([0.4, 1, 2.5]));
  const plans = Array.from({ length: count ?? drawn }, (_, index) => {
    const own = chance.of(String(index));
    const kind = own.pick(favourites);
    return { atMs: own.between(fromMs, toMs), name: kind.name, begin: () => kind.begin(world, own) };
  });
  return plans.toSorted((a, b) => a.atMs - b.atMs);
}
