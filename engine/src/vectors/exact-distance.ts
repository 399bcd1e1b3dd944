import type { Metric } from './vector-segment.ts';

export type Distance = (a: Float32Array, b: Float32Array) => number;

/** Smaller is nearer; in double precision. */
export function distanceFor(metric: Metric): Distance {
  switch (metric) {
    case 'cosine':
    case 'dot':
      return (a, b) => -sum(a, b, (x, y) => x * y);
    case 'euclid':
      return (a, b) => sum(a, b, (x, y) => (x - y) ** 2);
    case 'manhattan':
      return (a, b) => sum(a, b, (x, y) => Math.abs(x - y));
  }
}

export function scoreOf(metric: Metric, distance: number): number {
  switch (metric) {
    case 'cosine':
    case 'dot':
      return -distance;
    case 'euclid':
      return Math.sqrt(distance);
    case 'manhattan':
      return distance;
  }
}

/** A zero vector stays zero. */
export function toUnit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(sum(vector, vector, (x, y) => x * y));
  return length === 0 ? vector : vector.map((x) => x / length);
}

function sum(a: Float32Array, b: Float32Array, term: (x: number, y: number) => number): number {
  let total = 0;
  for (const [i, x] of a.entries()) total += term(x, b[i] ?? 0);
  return total;
}
