/** Which fields a value has, and which differ between two values, by the schema's list types. */
import { canonical, isObject, jsonEqual, type Json, type JsonObject } from '../json.ts';
import { propertySchema, type Schema } from '../schema/schema.ts';
import { branch, emptyTree, leaf, union, type FieldTree } from './field-tree.ts';

export type Items = ReadonlyMap<string, { readonly value: Json; readonly index: number }>;

export function isGranular(value: Json | undefined, schema: Schema | undefined): value is JsonObject {
  return isObject(value) && schema?.mapType !== 'atomic';
}

/** Items by path element, or undefined when the list is one value. */
export function itemsOf(list: readonly Json[], schema: Schema | undefined): Items | undefined {
  const items = new Map<string, { value: Json; index: number }>();
  for (const [index, value] of list.entries()) {
    const element = elementOf(value, schema);
    if (element === undefined || items.has(element)) return undefined;
    items.set(element, { value, index });
  }
  return items;
}

export function elementOf(item: Json, schema: Schema | undefined): string | undefined {
  if (schema?.listType === 'set') return `v:${canonical(item)}`;
  if (schema?.listType !== 'map' || !isObject(item)) return undefined;
  const keys: JsonObject = {};
  for (const key of schema.listMapKeys ?? []) {
    const value = item[key] ?? schema.items?.properties?.[key]?.default;
    if (value !== undefined) keys[key] = value;
  }
  return `k:${canonical(keys)}`;
}

export function fieldsOf(value: Json, schema: Schema | undefined): FieldTree {
  if (Array.isArray(value)) {
    const items = value.length === 0 ? undefined : itemsOf(value, schema);
    if (items === undefined) return leaf;
    return branch(
      [...items].map(([element, { value: item }]) => [element, asMember(isObject(item) ? fieldsOf(item, schema?.items) : leaf)]),
    );
  }
  if (!isGranular(value, schema) || Object.keys(value).length === 0) return leaf;
  return objectFields(value, schema);
}

function objectFields(object: JsonObject, schema: Schema | undefined): FieldTree {
  const children: [string, FieldTree][] = [];
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const tree = fieldsOf(value, propertySchema(schema, name));
    // Keys of a map are fields of their own; fields of a struct exist only through what they hold.
    children.push([`f:${name}`, isDeclared(schema, name) ? tree : asMember(tree)]);
  }
  return branch(children);
}

const isDeclared = (schema: Schema | undefined, name: string): boolean =>
  schema?.properties !== undefined && Object.hasOwn(schema.properties, name);
const asMember = (tree: FieldTree): FieldTree => ({ ...tree, isMember: true });

export interface Comparison {
  /** Added or modified. */
  readonly changed: FieldTree;
  readonly removed: FieldTree;
}

const same: Comparison = { changed: emptyTree, removed: emptyTree };

export function compare(old: Json | undefined, next: Json | undefined, schema: Schema | undefined): Comparison {
  if (old === undefined && next === undefined) return same;
  if (old === undefined) return { changed: next === undefined ? emptyTree : asMember(fieldsOf(next, schema)), removed: emptyTree };
  if (next === undefined) return { changed: emptyTree, removed: asMember(fieldsOf(old, schema)) };
  if (isGranular(old, schema) && isGranular(next, schema)) return compareObjects(old, next, schema);
  if (Array.isArray(old) && Array.isArray(next)) return compareLists(old, next, schema);
  return jsonEqual(old, next) ? same : { changed: leaf, removed: emptyTree };
}

function compareObjects(old: JsonObject, next: JsonObject, schema: Schema | undefined): Comparison {
  const names = new Set([...Object.keys(old), ...Object.keys(next)]);
  return combine([...names].map((name) => [`f:${name}`, compare(old[name], next[name], propertySchema(schema, name))]));
}

function compareLists(old: readonly Json[], next: readonly Json[], schema: Schema | undefined): Comparison {
  const [left, right] = [itemsOf(old, schema), itemsOf(next, schema)];
  if (left === undefined || right === undefined) return jsonEqual([...old], [...next]) ? same : { changed: leaf, removed: emptyTree };
  const elements = new Set([...left.keys(), ...right.keys()]);
  return combine([...elements].map((element) => [element, compare(left.get(element)?.value, right.get(element)?.value, schema?.items)]));
}

function combine(parts: readonly (readonly [string, Comparison])[]): Comparison {
  return {
    changed: branch(parts.map(([name, part]) => [name, part.changed])),
    removed: branch(parts.map(([name, part]) => [name, part.removed])),
  };
}

export const touched = (comparison: Comparison): FieldTree => union(comparison.changed, comparison.removed);
