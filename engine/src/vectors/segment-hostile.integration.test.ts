import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nativeAddon } from './native-addon.ts';
import { createSegment, openSegment } from './native-segment.ts';
import { bitsetOf, clusteredVectors, range, smallOptions, withFolder } from './segment-fixtures.ts';
import type { SegmentOptions } from './vector-segment.ts';

const everything = bitsetOf(range(0, 200), 200);
const wrongValues: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  2 ** 53,
  'x',
  {},
  [],
  Symbol('x'),
  10n,
  true,
  () => 1,
];
const wrongArrays: readonly unknown[] = [
  ...wrongValues,
  new Float64Array(5),
  new Uint8Array(5),
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(20),
  detached(),
];

function detached(): Float32Array {
  const array = new Float32Array(5);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** Arguments as a program without types could pass them. */
function untyped(options: SegmentOptions): Record<string, (...given: unknown[]) => unknown> {
  const segment: object = createSegment(options);
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...given: unknown[]) =>
          Reflect.apply(Reflect.get(segment, name), segment, given),
    },
  );
}

describe('wrong arguments', () => {
  test.for(['dimension', 'capacity', 'connectivity', 'expansionAdd', 'metric', 'traversal'] as const)('%s of the options', (name) => {
    // A traversal that is left out is float32.
    for (const value of wrongValues.filter((value) => value !== undefined || name !== 'traversal')) {
      expect(() => Reflect.apply(createSegment, undefined, [{ ...smallOptions, [name]: value }])).toThrow(Error);
    }
    expect(() => Reflect.apply(createSegment, undefined, [{ ...smallOptions, capacity: 2 ** 32 - 1 }])).toThrow(RangeError);
    expect(() => createSegment({ ...smallOptions, metric: 'manhattan', traversal: 'int8' })).toThrow(RangeError);
  });

  test('of put and get throw', () => {
    const { put, get } = untyped(smallOptions);
    for (const wrong of wrongArrays) {
      expect(() => put?.(wrong, new Float32Array(5))).toThrow(Error);
      expect(() => put?.(Uint32Array.of(1), wrong)).toThrow(Error);
    }
    for (const wrong of wrongValues.filter((value) => value !== 0)) expect(() => get?.(wrong)).toThrow(Error);
  });

  test('of search and index reject', async () => {
    const { search, index, put } = untyped(smallOptions);
    put?.(range(0, 50), new Float32Array(250));
    const request = { vector: new Float32Array(5), k: 3, expansion: 10, exact: false, allowed: everything, allowedCount: 200 };
    for (const [name, wrongs] of Object.entries({
      vector: wrongArrays,
      allowed: wrongValues,
      k: wrongValues,
      exact: [0, 'x', undefined],
    })) {
      for (const wrong of wrongs) await expect(search?.({ ...request, [name]: wrong })).rejects.toThrow(Error);
    }
    for (const wrong of wrongValues) await expect(search?.(wrong)).rejects.toThrow(Error);
    for (const wrong of ['x', -1, 1.5, Number.NaN]) await expect(index?.(wrong)).rejects.toThrow(Error);
    expect(await search?.({ ...request, k: 2 ** 53 - 1, expansion: 2 ** 53 - 1 })).toMatchObject({ slots: { length: 50 } });
    expect(await search?.({ ...request, allowed: new Uint32Array(100_000).fill(0xffffffff) })).toMatchObject({ slots: { length: 3 } });
    expect(await search?.({ ...request, allowed: new Uint32Array(0) })).toMatchObject({ slots: { length: 0 } });
  });

  test('a getter that disposes the segment or detaches the vector while it is read', async () => {
    const segment = createSegment(smallOptions);
    segment.put(range(0, 50), new Float32Array(250));
    const vector = new Float32Array(5);
    const request = { vector, k: 3, expansion: 10, exact: false, allowed: everything };
    const detaching = segment.search({
      ...request,
      get allowedCount() {
        return structuredClone(vector.buffer, { transfer: [vector.buffer] }).byteLength;
      },
    });
    await expect(detaching).rejects.toThrow(RangeError);
    const disposing = segment.search({
      ...request,
      vector: new Float32Array(5),
      get allowedCount() {
        segment[Symbol.dispose]();
        return 200;
      },
    });
    expect((await disposing).slots).toHaveLength(3);
  });

  test('a resizable buffer that shrinks under its view', async () => {
    using segment = createSegment(smallOptions);
    const buffer = new ArrayBuffer(20, { maxByteLength: 400 });
    const vector = new Float32Array(buffer);
    segment.put(Uint32Array.of(1), vector);
    buffer.resize(4);
    expect(() => segment.put(Uint32Array.of(2), vector)).toThrow(RangeError);
    const request = { vector, k: 3, expansion: 10, exact: false, allowed: everything, allowedCount: 200 };
    await expect(segment.search(request)).rejects.toThrow(RangeError);
  });

  test('components whose distances overflow still give an answer', async () => {
    using segment = createSegment({ ...smallOptions, metric: 'dot' });
    segment.put(
      range(0, 3),
      Float32Array.from({ length: 15 }, (_, i) => (i % 2 === 0 ? 3e38 : -3e38)),
    );
    await segment.index(3);
    const request = { k: 3, expansion: 10, exact: false, allowed: everything, allowedCount: 200_000 };
    expect((await segment.search({ ...request, vector: new Float32Array(5).fill(3e38) })).slots).toHaveLength(3);
  });
});

describe('dispose while work is under way', () => {
  test('searches, indexing and saving end without harm', () =>
    withFolder(async (folder) => {
      const options = { dimension: 32, metric: 'cosine', capacity: 4000, connectivity: 16, expansionAdd: 64 } as const;
      const vectors = clusteredVectors(4000, 32, 20, 9);
      for (let round = 0; round < 8; round++) {
        const segment = createSegment(options);
        segment.put(range(0, 4000), vectors);
        const all = bitsetOf(range(0, 4000), 4000);
        const work: Promise<unknown>[] = [segment.index(4000), segment.save(join(folder, `segment-${round}`))];
        for (let i = 0; i < 40; i++) {
          const vector = vectors.slice(i * 32, (i + 1) * 32);
          work.push(segment.search({ vector, k: 5, expansion: 64, exact: i % 2 === 0, allowed: all, allowedCount: 4000 }));
        }
        segment[Symbol.dispose]();
        await Promise.all(work);
        await expect(segment.index(1)).rejects.toThrow('disposed');
        using reopened = await openSegment(join(folder, `segment-${round}`), options);
        expect(reopened.count).toBe(4000);
      }
      expect(nativeAddon.threads).toBeGreaterThan(0);
    }));
});
