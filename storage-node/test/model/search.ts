/** Breadth first over everything that can happen, so the story that it finds is a shortest one. */
import { harmOf } from './invariants.ts';
import { moves } from './moves.ts';
import { startWorld } from './start.ts';
import type { Scenario, World } from './world.ts';

export interface SearchResult {
  readonly harm: string | undefined;
  readonly story: readonly string[];
  readonly states: number;
  readonly depth: number;
  /** Everything within the bounds was seen. */
  readonly isComplete: boolean;
}

interface Reached {
  readonly world: World;
  readonly name: string;
  readonly from: Reached | undefined;
}

export function search(scenario: Scenario, limit: { readonly states: number; readonly depth?: number }): SearchResult {
  const start: Reached = { world: startWorld(scenario), name: 'start', from: undefined };
  const keyOf = worldKeys();
  const seen = new Set([keyOf(start.world)]);
  let frontier = [start];
  for (let depth = 1; frontier.length > 0; depth++) {
    if (depth > (limit.depth ?? Infinity)) return { harm: undefined, story: [], states: seen.size, depth, isComplete: false };
    const next: Reached[] = [];
    for (const from of frontier) {
      for (const [name, after] of moves(scenario, from.world)) {
        const { world, bug } = attempt(after);
        const reached = { world: world ?? from.world, name, from };
        const harm = bug ?? harmOf(scenario, from.world, reached.world);
        if (harm !== undefined) return { harm, story: storyOf(reached), states: seen.size, depth, isComplete: false };
        const key = keyOf(reached.world);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(reached);
        if (seen.size >= limit.states) return { harm: undefined, story: [], states: seen.size, depth, isComplete: false };
      }
    }
    frontier = next;
  }
  return { harm: undefined, story: [], states: seen.size, depth: 0, isComplete: true };
}

/** A failed assertion in the core is a finding like any other. */
function attempt(after: () => World): { readonly world?: World; readonly bug?: string } {
  try {
    return { world: after() };
  } catch (error) {
    return { bug: `assertion: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function storyOf(reached: Reached): readonly string[] {
  return reached.from ? [...storyOf(reached.from), reached.name] : [];
}

/** Equal texts for equal worlds. Parts that many worlds have in common are numbered once, and compared by their number. */
function worldKeys(): (world: World) => string {
  const numbers = new Map<string, number>();
  const known = new WeakMap<object, number>();
  function numberOf(part: object): number {
    const before = known.get(part);
    if (before !== undefined) return before;
    const text = JSON.stringify(part, (_, value: unknown) => plain(value));
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    known.set(part, number);
    return number;
  }
  return ({ nodes, history, letters, changes, quorumReads, acknowledged, reads, spent }) => {
    const sent = [...letters.values()].map(numberOf).toSorted((a, b) => a - b);
    const rest = [changes, quorumReads, acknowledged, reads, spent].map(numberOf);
    return [nodes.map(numberOf), history.map(numberOf), sent, rest].join(';');
  };
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Map ? [...value] : value;
}
