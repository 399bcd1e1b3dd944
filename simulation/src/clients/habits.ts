/** How clients are, drawn for each life: one on which all do everything alike would hardly ever meet what takes many of one kind. */
import type { Consistency } from '@vectorcluster/storage-node/coordinator/consistency.ts';
import type { Chance } from '../time/chance.ts';

export interface Habits {
  /** Milliseconds between requests, usually. */
  readonly thinkMs: number;
  /** It gives up after this, and asks for something else. */
  readonly patienceMs: number;
  /** How often it asks at its home, whatever is the matter there. */
  readonly loyalty: number;
  /** Shares. */
  readonly writes: number;
  readonly waits: number;
  readonly sessions: number;
  readonly reads: readonly Consistency[];
}

const alike = ['linearizable', 'linearizable', 'session', 'bounded', 'recent', 'eventual'] as const;

/** One for each client. */
export function drawHabits(chance: Chance): readonly Habits[] {
  const thinkMs = chance.pick([10, 30, 100, 300]);
  const favourite = chance.is(0.5) ? chance.pick(alike) : undefined;
  const writes = chance.pick([0.3, 0.5, 0.7]);
  const waits = chance.pick([0.1, 0.5, 0.9]);
  return Array.from({ length: chance.pick([3, 4, 6]) }, () => ({
    thinkMs,
    patienceMs: chance.pick([300, 1_500, 20_000]),
    loyalty: chance.pick([0, 0.5, 0.95]),
    writes,
    waits,
    sessions: chance.pick([0, 0.7, 1]),
    reads: [...alike, ...(favourite === undefined ? [] : Array.from({ length: 10 }, () => favourite))].map((kind) => level(kind, chance)),
  }));
}

function level(kind: Consistency['kind'], chance: Chance): Consistency {
  return kind === 'bounded' ? { kind, staleMs: chance.pick([100, 1_000, 5_000]) } : { kind };
}
