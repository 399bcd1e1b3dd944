import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExactSegment } from './exact-segment.ts';
import { createSegment } from './native-segment.ts';
import { bitsetOf, range, smallOptions } from './segment-fixtures.ts';
import type { Metric, VectorSegment } from './vector-segment.ts';

interface Put {
  readonly kind: 'put';
  readonly slots: readonly number[];
  readonly seed: number;
}
interface Index {
  readonly kind: 'index';
  readonly limit: number;
}
interface Search {
  readonly kind: 'search';
  readonly vector: readonly number[];
  readonly k: number;
  readonly exact: boolean;
  readonly allowed: readonly number[] | undefined;
}
type Step = Put | Index | Search;

const { capacity, dimension } = smallOptions;
const slot = fc.nat(capacity - 1);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record<Put>({ kind: fc.constant('put'), slots: fc.uniqueArray(slot, { maxLength: 40 }), seed: fc.nat() }),
  fc.record<Index>({ kind: fc.constant('index'), limit: fc.nat(60) }),
  fc.record<Search>({
    kind: fc.constant('search'),
    vector: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: dimension, maxLength: dimension }),
    k: fc.integer({ min: 1, max: 30 }),
    exact: fc.boolean(),
    allowed: fc.option(fc.uniqueArray(slot), { nil: undefined }),
  }),
);

/** What a caller sees of one step. Slots of equal score may come in either order, so only their number and permission are shown. */
async function take(segment: VectorSegment, step: Step): Promise<unknown> {
  switch (step.kind) {
    case 'put': {
      const free = Uint32Array.from(step.slots.filter((slot) => segment.get(slot) === undefined));
      segment.put(
        free,
        Float32Array.from({ length: free.length * dimension }, (_, i) => ((step.seed + i * 7919) % 9) - 4),
      );
      return segment.count;
    }
    case 'index':
      return { left: await segment.index(step.limit), indexed: segment.indexedCount };
    case 'search': {
      const slots = step.allowed ?? [...range(0, capacity)];
      const hits = await segment.search({
        vector: Float32Array.from(step.vector),
        k: step.k,
        expansion: 1,
        exact: step.exact,
        allowed: bitsetOf(slots, capacity),
        allowedCount: slots.length,
      });
      return {
        scores: Array.from(hits.scores, (score) => Math.round(score * 1e4) + 0),
        distinct: new Set(hits.slots).size,
        permitted: [...hits.slots].every((slot) => slots.includes(slot)),
      };
    }
  }
}

test.for<Metric>(['cosine', 'dot', 'euclid', 'manhattan'])('native and exact agree on random operations with %s', async (metric) => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (taken) => {
      const options = { ...smallOptions, metric };
      using native = createSegment(options);
      using exact = createExactSegment(options);
      for (const step of taken) expect(await take(native, step)).toEqual(await take(exact, step));
    }),
    { numRuns: 60 },
  );
  expect.hasAssertions();
});
