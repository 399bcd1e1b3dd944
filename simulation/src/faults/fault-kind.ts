import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';

/** Something that can go wrong. It ends by itself, or when the world is healed; what cannot be, as things are, is not. */
export interface FaultKind {
  readonly name: string;
  /** What happened, in words; undefined when it could not. */
  readonly begin: (world: World, chance: Chance) => string | undefined;
}
