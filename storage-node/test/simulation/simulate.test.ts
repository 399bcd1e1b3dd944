import { expect, test } from 'vitest';
import { rules } from '../../src/replication/rules.ts';
import { mutations } from '../model/mutations.ts';
import { simulate } from './simulate.ts';

test('whatever the seed, nothing acknowledged is lost, and the seed decides everything', { timeout: 60_000 }, () => {
  for (let seed = 1; seed <= 60; seed++) {
    const first = simulate({ seed, steps: 300, faults: 4 });
    expect({ seed, harm: first.harm }).toEqual({ seed, harm: undefined });
    expect(simulate({ seed, steps: 300, faults: 4 }).traceHash).toBe(first.traceHash);
  }
});

/** Needs eight steps in one order: only the search finds them, see docs/replication.md. */
const tooRare = 'reads confirmed by a majority';

test.for(
  mutations
    .filter(({ name, scenario }) => scenario.rules !== rules && name !== tooRare)
    .map(({ name, scenario }) => [name, scenario.rules] as const),
)('chance finds it as well: %s', { timeout: 60_000 }, ([, broken]) => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1);
  expect(seeds.find((seed) => simulate({ seed, steps: 400, faults: 6, rules: broken }).harm !== undefined)).toBeDefined();
});
