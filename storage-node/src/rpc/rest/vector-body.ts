/** Vectors in request bodies, the hot path: number by number without zod. */
import { BadInputError } from '../../errors.ts';
import { isList, isObject, type BodyValue } from '../../json/lossless-json.ts';
import { NumberList } from '../../json/number-list.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import { JsonFloat } from '../../model/json-value.ts';
import type { NamedVectors } from '../../model/point.ts';
import { checkedVector } from '../vector-rules.ts';
import { shown } from './body-schema.ts';
import { formatError } from './endpoint.ts';

/** `vector` of a point: a list for the unnamed vector, or a map by name. */
export function readNamedVectors(value: BodyValue | undefined, path: string, collection: CollectionConfig): NamedVectors {
  if (value === undefined) throw formatError(`missing field \`${path}\``);
  if (value instanceof NumberList || isList(value)) return new Map([['', readVector(value, path, collection, '')]]);
  if (!isObject(value)) throw formatError(`${path}: expected a vector or a map of vectors, got ${shown(value)}`);
  refuseOtherForms(value, path);
  const entries = Object.entries(value);
  return new Map(entries.map(([name, vector]) => [name, readVector(vector, `${path}.${name}`, collection, name)]));
}

export function readVector(value: BodyValue, path: string, collection: CollectionConfig, name: string): Float32Array {
  return checkedVector(collection, name, readNumbers(value, path));
}

export function readNumbers(value: BodyValue, path: string): readonly number[] {
  if (value instanceof NumberList) return value.numbers();
  if (!isList(value)) {
    refuseOtherForms(value, path);
    throw formatError(`${path}: expected a list of numbers, got ${shown(value)}`);
  }
  return value.map((item, index) => {
    if (typeof item === 'number') return item;
    if (item instanceof JsonFloat) return item.value;
    if (typeof item === 'bigint') return Number(item);
    if (isList(item) || item instanceof NumberList) throw new BadInputError(`\`${path}\`: multivectors are not supported yet`);
    throw formatError(`${path}.${index}: expected a number, got ${shown(item)}`);
  });
}

const inferenceKeys = ['text', 'image', 'object'] as const;

/** Sparse vectors, and texts or images that the server would have to embed. A vector may be named `image`: then a list follows. */
function refuseOtherForms(value: BodyValue, path: string): void {
  if (!isObject(value)) return;
  if ('indices' in value && 'values' in value) throw new BadInputError(`\`${path}\`: sparse vectors are not supported yet`);
  const content = inferenceKeys.find((key) => typeof value[key] === 'string' || (key in value && typeof value['model'] === 'string'));
  if (content !== undefined) throw new BadInputError(`\`${path}.${content}\`: inference is not supported yet, send the vector itself`);
}
