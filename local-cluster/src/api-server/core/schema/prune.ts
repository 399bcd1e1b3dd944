/** Drops what a schema does not know, and says which fields that were. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { keepsUnknown, propertySchema, type Schema } from './schema.ts';

/** Fields that every embedded or root object has, whatever its schema says. */
const typeFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

export interface Pruned<T extends Json> {
  readonly value: T;
  /** Paths such as spec.pools[0].replcas. */
  readonly unknown: readonly string[];
}

/** `isRoot`: apiVersion, kind and metadata stay as they are; metadata has its own rules. */
export function prune(object: JsonObject, schema: Schema | undefined, isRoot: boolean): Pruned<JsonObject> {
  const unknown: string[] = [];
  return { value: pruneObject(object, schema, isRoot, '', unknown), unknown };
}

function pruneObject(object: JsonObject, schema: Schema | undefined, isRoot: boolean, path: string, unknown: string[]): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const where = path === '' ? name : `${path}.${name}`;
    const own = propertySchema(schema, name);
    if (isRoot && typeFields.has(name)) result[name] = value;
    else if (own !== undefined) result[name] = pruneValue(value, own, where, unknown);
    else if (keepsUnknown(schema)) result[name] = value;
    else unknown.push(where);
  }
  return result;
}

function pruneValue(value: Json, schema: Schema, path: string, unknown: string[]): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item, index) => pruneValue(item, items, `${path}[${index}]`, unknown));
  }
  if (!isObject(value)) return value;
  if (schema.properties === undefined && schema.additionalProperties === undefined && schema.type !== 'object') return value;
  return pruneObject(value, schema, schema.embeddedResource === true, path, unknown);
}
