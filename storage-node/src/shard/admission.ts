/** What a write must fulfil before it is logged; nothing has happened when it is refused. Texts are those of the public API. */
import { BadInputError } from '../errors.ts';
import type { CollectionConfig, VectorConfig } from '../model/collection.ts';
import type { NamedVectors, Point } from '../model/point.ts';

/** Checks names, dimensions and components, and gives the vectors as they are stored: of unit length for Cosine. */
export function admitVectors(point: Point, config: CollectionConfig): NamedVectors {
  const admitted = new Map<string, Float32Array>();
  for (const [name, vector] of point.vectors) admitted.set(name, admitVector(name, vector, config));
  return admitted;
}

/** For writes and for queries alike. */
export function admitVector(name: string, vector: Float32Array, config: CollectionConfig): Float32Array {
  const expected = config.vectors.get(name);
  if (!expected) throw new BadInputError(`Not existing vector name error: ${name}`);
  if (vector.length !== expected.size) {
    throw new BadInputError(`Vector dimension error: expected dim: ${expected.size}, got ${vector.length}`);
  }
  return normalised(vector, expected);
}

/** Zero vectors stay zero. */
function normalised(vector: Float32Array, config: VectorConfig): Float32Array {
  let squares = 0;
  for (const component of vector) squares += component * component;
  if (!Number.isFinite(squares)) throw new BadInputError('a vector holds NaN, an infinity or components too large to compare');
  if (config.distance !== 'Cosine' || squares === 0) return vector;
  const length = Math.sqrt(squares);
  return vector.map((component) => component / length);
}
