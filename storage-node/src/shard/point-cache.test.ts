import { expect, test } from 'vitest';
import { PointCache, type ReplicaPoints } from './point-cache.ts';
import type { StoredPoint } from './stored-point.ts';

function stored(version: bigint, payload = `{"version":${version}}`): StoredPoint {
  return { id: 1n, version, payload: Buffer.from(payload) };
}

function open(): ReplicaPoints {
  return new PointCache(1_000_000).open();
}

test('what a view read is there for views that are as new as the point', () => {
  const points = open();
  points.put(7, stored(3n), 5n);
  expect(points.get(7, 5n)?.payload).toEqual({ version: 3 });
  expect(points.get(7, 3n)?.version).toBe(3n);
  expect(points.get(7, 2n)).toBeUndefined();
  expect(points.get(8, 5n)).toBeUndefined();
});

test('a view from before a change gets what it read, but does not leave it to others', () => {
  const points = open();
  points.put(7, stored(3n), 5n);
  points.changed([7], 6n);
  expect(points.get(7, 6n)).toBeUndefined();
  expect(points.put(7, stored(3n), 5n).version).toBe(3n);
  expect(points.get(7, 6n)).toBeUndefined();
  points.put(7, stored(6n), 6n);
  expect(points.get(7, 6n)?.payload).toEqual({ version: 6 });
  expect(points.get(7, 5n)).toBeUndefined();
});

test('replicas do not see each other, and one that is opened again begins empty', () => {
  const cache = new PointCache(1_000_000);
  const [first, second] = [cache.open(), cache.open()];
  first.put(7, stored(1n), 1n);
  expect(second.get(7, 9n)).toBeUndefined();
  first.forget([7]);
  expect(first.get(7, 9n)).toBeUndefined();
});

test('the cache keeps to its bytes, and passes over what is larger than all of it', () => {
  const points = new PointCache(10_000).open();
  for (let row = 0; row < 100; row += 1) points.put(row, stored(1n, JSON.stringify({ text: 'x'.repeat(200) })), 1n);
  const kept = Array.from({ length: 100 }, (_, row) => row).filter((row) => points.get(row, 1n));
  expect(kept.length).toBeGreaterThan(3);
  expect(kept.length).toBeLessThan(20);
  expect(points.put(200, stored(1n, JSON.stringify('x'.repeat(20_000))), 1n).payload).toEqual({});
  expect(points.get(200, 1n)).toBeUndefined();
});

test('a payload is parsed only when somebody looks at it', () => {
  const point = open().put(1, stored(1n, 'no JSON'), 1n);
  expect(point.id).toBe(1n);
  expect(() => point.payload).toThrow('JSON');
});
