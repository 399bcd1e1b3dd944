/** Tells a story again with less and less of what went wrong in it, as long as it ends the same way. */
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';

export interface Shrunk {
  /** Numbers of the faults that are left. */
  readonly kept: readonly number[];
  readonly result: SimulationResult;
}

/** At most so many tries. */
export async function shrink(options: SimulationOptions, found: SimulationResult, triesMost: number): Promise<Shrunk> {
  let best: Shrunk = { kept: found.began, result: found };
  let tries = 0;
  for (let part = Math.ceil(best.kept.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < best.kept.length && tries < triesMost;) {
      const kept = best.kept.filter((_, index) => index < at || index >= at + part);
      tries += 1;
      const result = await simulate({ ...options, keep: new Set(kept) });
      if (result.harm?.invariant === found.harm?.invariant) best = { kept, result };
      else at += part;
    }
  }
  return best;
}
