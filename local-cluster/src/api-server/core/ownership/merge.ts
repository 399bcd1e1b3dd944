/** Lays an applied configuration over the live object, and takes away what its manager no longer wants. */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { propertySchema, type Schema } from '../schema/schema.ts';
import type { FieldTree } from './field-tree.ts';
import { elementOf, isGranular, itemsOf } from './fields-of.ts';

export function mergeApplied(live: JsonObject, applied: JsonObject, schema: Schema | undefined): JsonObject {
  const result: JsonObject = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    if (value !== undefined) result[name] = merged(result[name], value, propertySchema(schema, name));
  }
  return result;
}

function merged(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (isGranular(live, schema) && isGranular(applied, schema)) return mergeApplied(live, applied, schema);
  if (Array.isArray(live) && Array.isArray(applied)) return mergedLists(live, applied, schema);
  return applied;
}

/** Shared items come in the order applied, items of others keep their place. */
function mergedLists(live: readonly Json[], applied: readonly Json[], schema: Schema | undefined): Json[] {
  const [left, right] = [itemsOf(live, schema), itemsOf(applied, schema)];
  if (left === undefined || right === undefined) return [...applied];
  const result: Json[] = [];
  const waiting = [...right];
  for (const [element, { value }] of left) {
    if (!right.has(element)) {
      result.push(value);
      continue;
    }
    // Everything applied up to this item goes first, unless it was taken already.
    const upTo = waiting.findIndex(([each]) => each === element);
    for (const [each, item] of waiting.splice(0, upTo + 1)) result.push(mergedItem(left.get(each)?.value, item.value, schema));
  }
  for (const [each, item] of waiting) result.push(mergedItem(left.get(each)?.value, item.value, schema));
  return result;
}

function mergedItem(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  return isObject(live) && isObject(applied) ? mergeApplied(live, applied, schema?.items) : applied;
}

/** Removes fields of `last` that are neither applied now nor owned by anybody else. */
export function withoutDisowned(object: JsonObject, last: FieldTree, kept: readonly FieldTree[], schema: Schema | undefined): JsonObject {
  const result: JsonObject = { ...object };
  for (const [element, tree] of last.children) {
    if (!element.startsWith('f:')) continue;
    const name = element.slice(2);
    const value = result[name];
    if (value === undefined) continue;
    const next = pruned(value, tree, below(kept, element), propertySchema(schema, name));
    if (next === undefined) delete result[name];
    else result[name] = next;
  }
  return result;
}

const below = (trees: readonly FieldTree[], element: string): FieldTree[] =>
  trees.flatMap((tree) => {
    const child = tree.children.get(element);
    return child === undefined ? [] : [child];
  });

function pruned(value: Json, last: FieldTree, kept: readonly FieldTree[], schema: Schema | undefined): Json | undefined {
  if (kept.length === 0) return undefined;
  if (isGranular(value, schema)) return withoutDisowned(value, last, kept, schema);
  if (!Array.isArray(value) || last.children.size === 0) return value;
  return value.flatMap((item) => {
    const element = elementOf(item, schema);
    const tree = element === undefined ? undefined : last.children.get(element);
    if (element === undefined || tree === undefined) return [item];
    const next = pruned(item, tree, below(kept, element), schema?.items);
    return next === undefined ? [] : [next];
  });
}
