import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegment } from './native-segment.ts';
import { bitsetOf, clusteredVectors, range } from './segment-fixtures.ts';
import type { SegmentHits, SegmentOptions, VectorSegment } from './vector-segment.ts';

const count = 6000;
const queryCount = 100;
const k = 10;
const dimension = 48;

describe.for<Pick<SegmentOptions, 'metric' | 'traversal'>>([
  { metric: 'cosine', traversal: 'float32' },
  { metric: 'euclid', traversal: 'float32' },
  { metric: 'manhattan', traversal: 'float32' },
  { metric: 'dot', traversal: 'float32' },
  { metric: 'cosine', traversal: 'int8' },
  { metric: 'euclid', traversal: 'int8' },
  { metric: 'dot', traversal: 'int8' },
])('recall with $metric walked in $traversal', (kind) => {
  const options: SegmentOptions = { ...kind, dimension, capacity: 2 * count, connectivity: 16, expansionAdd: 128 };
  const vectors = clusteredVectors(count + queryCount, dimension, 60, 1);
  const queries = Array.from({ length: queryCount }, (_, i) => vectors.slice((count + i) * dimension, (count + i + 1) * dimension));
  // Every other slot, so that a slot is not the number of its graph node.
  const slots = range(0, count).map((i) => 2 * i);
  let segment: VectorSegment;

  beforeAll(async () => {
    segment = createSegment(options);
    segment.put(slots, vectors.subarray(0, count * dimension));
    // The rest is scanned and merged.
    await segment.index(count - 500);
  });
  afterAll(() => segment[Symbol.dispose]());

  async function recall(allowed: Uint32Array): Promise<number> {
    const request = { k, expansion: 64, allowed: bitsetOf(allowed, options.capacity), allowedCount: allowed.length };
    const found = await Promise.all(queries.map((vector) => segment.search({ ...request, vector, exact: false })));
    const truth = await Promise.all(queries.map((vector) => segment.search({ ...request, vector, exact: true })));
    const permitted = new Set(allowed);
    for (const hits of found) expect([...hits.slots].filter((slot) => !permitted.has(slot))).toEqual([]);
    return truth.reduce((sum, exact, i) => sum + overlap(exact, found[i]), 0) / (queryCount * k);
  }

  test.for([
    { name: 'everything', keep: () => true, least: 0.95 },
    { name: 'half', keep: (slot: number) => slot % 4 === 0, least: 0.95 },
    { name: 'one in eight', keep: (slot: number) => slot % 16 === 0, least: 0.95 },
    { name: 'one in a hundred', keep: (slot: number) => slot % 200 === 0, least: 1 },
  ])('$name allowed', async ({ keep, least }) => {
    expect(await recall(slots.filter(keep))).toBeGreaterThanOrEqual(least);
  });
});

function overlap(exact: SegmentHits, found: SegmentHits | undefined): number {
  const expected = new Set(exact.slots);
  return [...(found?.slots ?? [])].filter((slot) => expected.has(slot)).length;
}
