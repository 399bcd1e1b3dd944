/** Rules for vectors that come in, the same for both protocols. */
import { BadInputError } from '../errors.ts';
import type { CollectionConfig, VectorConfig } from '../model/collection.ts';
import type { VectorSelector } from '../model/point.ts';

export function vectorConfig(collection: CollectionConfig, name: string): VectorConfig {
  const config = collection.vectors.get(name);
  if (config === undefined) throw new BadInputError(`Not existing vector name error: ${name}`);
  return config;
}

export function requireVectorNames(collection: CollectionConfig, selector: VectorSelector): void {
  if (typeof selector === 'boolean') return;
  for (const name of selector) vectorConfig(collection, name);
}

/** The vector as stored; refuses a wrong dimension, NaN and what is infinite as a 32-bit float. */
export function checkedVector(collection: CollectionConfig, name: string, numbers: ArrayLike<number>): Float32Array {
  const { size } = vectorConfig(collection, name);
  if (numbers.length !== size) throw new BadInputError(`Vector dimension error: expected dim: ${size}, got ${numbers.length}`);
  const vector = new Float32Array(numbers);
  // Anything times zero is zero, but for NaN and the infinities.
  let zero = 0;
  for (const value of vector) zero += value * 0;
  if (zero === 0) return vector;
  const at = vector.findIndex((value) => !Number.isFinite(value));
  throw new BadInputError(`vector${name === '' ? '' : ` \`${name}\``} holds ${numbers[at]} at ${at}: not a finite 32-bit float`);
}
