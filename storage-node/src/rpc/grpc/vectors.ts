/** Vectors: what comes in may use the older flat fields, what goes out uses the newer oneof only. */
import { create } from '@bufbuild/protobuf';
import { VectorsOutputSchema, type Vector, type Vectors, type VectorsOutput } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import type { NamedVectors } from '../../model/point.ts';
import { unsupportedField } from '../errors.ts';
import { checkedVector } from '../vector-rules.ts';

export function fromVectors(vectors: Vectors | undefined, collection: CollectionConfig): NamedVectors {
  const options = vectors?.vectorsOptions;
  switch (options?.case) {
    case 'vector':
      return new Map([['', checkedVector(collection, '', numbersOf(options.value))]]);
    case 'vectors':
      return new Map(
        Object.entries(options.value.vectors).map(([name, vector]) => [name, checkedVector(collection, name, numbersOf(vector))]),
      );
    case undefined:
      return new Map();
  }
}

export function toVectors(vectors: NamedVectors): VectorsOutput {
  const unnamed = vectors.get('');
  if (unnamed !== undefined && vectors.size === 1) {
    return create(VectorsOutputSchema, { vectorsOptions: { case: 'vector', value: denseOutput(unnamed) } });
  }
  const named = Object.fromEntries(Array.from(vectors, ([name, vector]) => [name, denseOutput(vector)]));
  return create(VectorsOutputSchema, { vectorsOptions: { case: 'vectors', value: { vectors: named } } });
}

function numbersOf(message: Vector): readonly number[] {
  const { vector } = message;
  if (vector.case === 'dense') return vector.value.data;
  if (vector.case !== undefined) throw unsupportedField(`vector.${vector.case}`);
  if (message.indices !== undefined) throw unsupportedField('vector.indices');
  if ((message.vectorsCount ?? 1) > 1) throw unsupportedField('vector.vectors_count');
  return message.data;
}

function denseOutput(vector: Float32Array) {
  return { vector: { case: 'dense' as const, value: { data: Array.from(vector) } } };
}
