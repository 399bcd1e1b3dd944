import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExactSegment, openExactSegment } from './exact-segment.ts';
import { createSegment, openSegment } from './native-segment.ts';
import { bitsetOf, range, smallOptions, withFolder } from './segment-fixtures.ts';
import { SegmentFileError } from './vector-segment.ts';
import type { Metric, SegmentSearch } from './vector-segment.ts';

const kinds = [
  { name: 'native', create: createSegment, open: openSegment },
  { name: 'exact', create: createExactSegment, open: openExactSegment },
];

function searchAll(vector: ArrayLike<number>, changes: Partial<SegmentSearch> = {}): SegmentSearch {
  const { capacity } = smallOptions;
  const all = bitsetOf(range(0, capacity), capacity);
  return { vector: Float32Array.from(vector), k: 10, expansion: 64, exact: false, allowed: all, allowedCount: capacity, ...changes };
}

describe.for(kinds)('$name segment', ({ create, open }) => {
  test.for<{ metric: Metric; scores: number[] }>([
    { metric: 'cosine', scores: [1, 0] },
    { metric: 'dot', scores: [50, 0] },
    { metric: 'euclid', scores: [5, Math.sqrt(101)] },
    { metric: 'manhattan', scores: [7, 15] },
  ])('shows $metric scores as the public API does, best first', async ({ metric, scores }) => {
    using segment = create({ ...smallOptions, metric });
    segment.put(Uint32Array.of(3, 7), Float32Array.of(3, 4, 0, 0, 0, 0, 0, 1, 0, 0));
    const hits = await segment.search(searchAll([6, 8, 0, 0, 0]));
    expect([...hits.slots]).toEqual([3, 7]);
    for (const [i, score] of scores.entries()) expect(hits.scores[i]).toBeCloseTo(score, 5);
  });

  test('normalises cosine vectors and leaves zero vectors alone', async () => {
    using segment = create({ ...smallOptions, metric: 'cosine' });
    segment.put(Uint32Array.of(0, 1, 2), Float32Array.of(3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1e38, 1e38, 0, 0, 0));
    expect(segment.get(0)?.[0]).toBeCloseTo(0.6, 6);
    expect(segment.get(1)).toEqual(new Float32Array(5));
    expect(segment.get(2)?.[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect((await segment.search(searchAll([0, 0, 0, 0, 0]))).slots).toHaveLength(3);
  });

  test('finds a vector as soon as it is put, whatever is in the graph', async () => {
    using segment = create(smallOptions);
    segment.put(
      range(0, 90),
      Float32Array.from({ length: 450 }, (_, i) => i),
    );
    expect(await segment.index(50)).toBe(40);
    expect(segment.indexedCount).toBe(50);
    segment.put(Uint32Array.of(150), Float32Array.of(-1, -1, -1, -1, -1));
    const hits = await segment.search(searchAll([-1, -1, -1, -1, -1], { k: 2 }));
    expect([...hits.slots]).toEqual([150, 0]);
    expect(await segment.index(1000)).toBe(0);
    expect(segment.indexedCount).toBe(91);
  });

  test('a put that fails changes nothing', () => {
    using segment = create(smallOptions);
    segment.put(Uint32Array.of(5), new Float32Array(5));
    const wrong: readonly (readonly [number[], number[]])[] = [
      [[6, 5], Array.from({ length: 10 }, () => 1)],
      [[6, 200], Array.from({ length: 10 }, () => 1)],
      [[6, 4294967295], Array.from({ length: 10 }, () => 1)],
      [[6, 6], Array.from({ length: 10 }, () => 1)],
      [[6, 7], Array.from({ length: 9 }, () => 1)],
      [
        [6, 7],
        [1, 1, 1, 1, 1, 1, 1, Number.NaN, 1, 1],
      ],
      [
        [6, 7],
        [1, 1, 1, 1, 1, 1, 1, 1, 1, Number.NEGATIVE_INFINITY],
      ],
    ];
    for (const [slots, vectors] of wrong) {
      expect(() => segment.put(Uint32Array.from(slots), Float32Array.from(vectors))).toThrow(RangeError);
      expect(segment.count).toBe(1);
      expect(segment.get(6)).toBeUndefined();
    }
    segment.put(Uint32Array.of(6), Float32Array.of(1, 2, 3, 4, 5));
    expect(segment.get(6)).toEqual(Float32Array.of(1, 2, 3, 4, 5));
  });

  test('refuses a query that is not a finite vector of its dimension', async () => {
    using segment = create(smallOptions);
    segment.put(range(0, 3), new Float32Array(15));
    await expect(segment.search(searchAll([1, 2, 3, 4]))).rejects.toThrow(RangeError);
    await expect(segment.search(searchAll([1, 2, 3, 4, Number.NaN]))).rejects.toThrow(RangeError);
    await expect(segment.search(searchAll([1, 2, 3, 4, Infinity]))).rejects.toThrow(RangeError);
    await expect(segment.search(searchAll([1, 2, 3, 4, 5], { k: 0 }))).rejects.toThrow(RangeError);
  });

  test('saves and opens the same vectors, and refuses other options', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      using segment = create(smallOptions);
      segment.put(
        Uint32Array.of(1, 63, 64, 199),
        Float32Array.from({ length: 20 }, (_, i) => i * i),
      );
      await segment.index(3);
      expect(await segment.save(path)).toBeGreaterThan(80);
      using opened = await open(path, smallOptions);
      expect(opened.count).toBe(4);
      for (const slot of range(0, 200)) expect(opened.get(slot)).toEqual(segment.get(slot));
      expect(await opened.search(searchAll([9, 9, 9, 9, 9]))).toEqual(await segment.search(searchAll([9, 9, 9, 9, 9])));
      expect(await opened.index(10)).toBe(0);
      const others = [
        { dimension: 4 },
        { metric: 'dot' },
        { capacity: 300 },
        { connectivity: 9 },
        { expansionAdd: 33 },
        { traversal: 'int8' },
      ] as const;
      for (const other of others) await expect(open(path, { ...smallOptions, ...other })).rejects.toBeInstanceOf(SegmentFileError);
    }));

  test('a disposed segment refuses everything', () => {
    const segment = create(smallOptions);
    segment[Symbol.dispose]();
    expect(() => segment.put(new Uint32Array(), new Float32Array())).toThrow('disposed');
    expect(() => segment.count).toThrow('disposed');
    segment[Symbol.dispose]();
  });
});
