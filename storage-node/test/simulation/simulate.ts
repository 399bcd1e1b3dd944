/** One long life of a shard from one seed: the moves of the model, chosen by chance, far deeper than a search can go. */
import { createHash } from 'node:crypto';
import { rules as rulesOfProduction, type Rules } from '../../src/replication/rules.ts';
import { harmOf } from '../model/invariants.ts';
import { moves } from '../model/moves.ts';
import { startWorld } from '../model/start.ts';
import type { Scenario } from '../model/world.ts';

/** What would otherwise be over before anything was written. */
const rare = /^operator|crashes|loses its volume| misses | asks again/;

export interface SimulationResult {
  readonly harm: string | undefined;
  readonly story: readonly string[];
  readonly acknowledged: number;
  readonly epoch: bigint;
  /** Equal for equal seeds: nothing but the seed decides. */
  readonly traceHash: string;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  /** Crashes, lost volumes and lost replies, each. */
  readonly faults: number;
  readonly rules?: Rules;
}

export function simulate({ seed, steps, faults, rules = rulesOfProduction }: SimulationOptions): SimulationResult {
  const random = randomFrom(seed);
  const scenario: Scenario = {
    rules,
    nodes: ['a', 'b', 'c'],
    writes: 4 + Math.floor(random() * 28),
    epochs: BigInt(2 + Math.floor(random() * 14)),
    changes: 1 + Math.floor(random() * 20),
    reads: 60,
    crashes: faults,
    lostReplies: faults,
    wipes: Math.min(faults, 4),
    slowSync: random() < 0.5,
    repeats: random() < 0.5,
  };
  const hash = createHash('sha256');
  const story: string[] = [];
  let world = startWorld(scenario);
  let harm: string | undefined;
  for (let step = 0; step < steps && harm === undefined; step++) {
    const possible = [...moves(scenario, world)];
    const calm = possible.filter(([name]) => !rare.test(name));
    const offered = calm.length > 0 && random() < 0.95 ? calm : possible;
    const chosen = offered[Math.floor(random() * offered.length)];
    if (!chosen) break;
    const [name, after] = chosen;
    story.push(name);
    hash.update(`${name}\n`);
    const before = world;
    try {
      world = after();
      harm = harmOf(scenario, before, world);
    } catch (error) {
      harm = `assertion: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { harm, story, acknowledged: world.acknowledged.length, epoch: world.object.epoch, traceHash: hash.digest('hex').slice(0, 16) };
}

/** Numbers in [0, 1) that only the seed decides (a 32-bit mixing generator). */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
