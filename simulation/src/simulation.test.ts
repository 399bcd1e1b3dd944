import { loadXxh64 } from '@vectorcluster/storage-node/coordinator/xxh64.ts';
import { expect, test } from 'vitest';
import { mutationNamed } from './mutations.ts';
import { simulate } from './simulate.ts';

const hash = await loadXxh64();
/** What one seed does not meet the next ones do. */
const seedsMost = 8;

test.for([1, 5])(
  'seed %i: whatever goes wrong, nothing promised is broken, and the seed decides everything',
  { timeout: 120_000 },
  async (seed) => {
    const life = { seed, hash, steps: 10, faults: 6 };
    const first = await simulate(life);
    expect(first.harm).toBeUndefined();
    expect(first.began.length).toBeGreaterThan(0);
    expect(first.counts.written).toBeGreaterThan(0);
    expect((await simulate(life)).traceHash).toBe(first.traceHash);
  },
);

/** The first invariant that shows it: which one, where there are two, is chance. */
test.for<[string, readonly string[]]>([
  ['a shrink counts before the compare-and-swap succeeded', ['I4', 'I8']],
  ['a copy joins before it caught up', ['I5']],
  ['followers do not truncate', ['I7', 'I8']],
  ['the primary counts its own copy before it is durable', ['I4', 'I8']],
  ['a request that is tried again is another one', ['I19']],
  ['a write that waits is answered at commit', ['read your writes']],
])('a broken rule is found: %s', { timeout: 120_000 }, async ([name, invariants]) => {
  let found: string | undefined;
  for (let seed = 1; found === undefined && seed <= seedsMost; seed += 1) {
    const { harm } = await simulate({ seed, hash, steps: 30, mutation: mutationNamed(name) });
    found = harm?.invariant;
  }
  expect(invariants).toContain(found);
});
