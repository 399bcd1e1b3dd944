/**
 * Strategic merge patch, for built-in kinds: like a merge patch, but lists that have a merge key merge item by item.
 * Understands $patch (delete, replace), $retainKeys, $deleteFromPrimitiveList and $setElementOrder.
 */
import { isObject, jsonEqual, listOf, type Json, type JsonObject } from '../json.ts';
import { propertySchema, type Schema } from '../schema/schema.ts';

const setElementOrder = '$setElementOrder/';
const deleteFromList = '$deleteFromPrimitiveList/';

export function strategicMergePatch(target: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return {};
  const result = retained(target, patch['$retainKeys']);
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    const own = propertySchema(schema, name);
    if (value === null) delete result[name];
    else if (isObject(value)) result[name] = mergedObject(result[name], value, own);
    else if (Array.isArray(value)) result[name] = mergedList(listOf(result[name]), value, own);
    else if (value !== undefined) result[name] = value;
  }
  for (const [directive, value] of Object.entries(patch)) applyListDirective(result, directive, listOf(value), schema);
  return result;
}

function mergedObject(old: Json | undefined, value: JsonObject, schema: Schema | undefined): Json {
  if (schema?.mapType === 'atomic') return value;
  return strategicMergePatch(isObject(old) ? old : {}, value, schema);
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (!Array.isArray(keys)) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([name]) => keys.includes(name)));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}

function mergeKeyOf(schema: Schema | undefined): string | undefined {
  if (schema?.patchMergeKey !== undefined) return schema.patchMergeKey;
  return schema?.listType === 'map' ? schema.listMapKeys?.[0] : undefined;
}

function mergedList(old: readonly Json[], patch: readonly Json[], schema: Schema | undefined): Json[] {
  const key = mergeKeyOf(schema);
  if (key === undefined) {
    if (schema?.listType !== 'set') return [...patch];
    return [...old, ...patch.filter((item) => !old.some((each) => jsonEqual(each, item)))];
  }
  const items = patch.filter(isObject);
  if (items.some((item) => item['$patch'] === 'replace')) return items.filter((item) => item['$patch'] === undefined);
  const result = [...old];
  for (const item of items) {
    const index = result.findIndex((each) => isObject(each) && each[key] === item[key]);
    const found = result[index];
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (isObject(found)) result[index] = strategicMergePatch(found, item, schema?.items);
    else result.push(withoutDirectives(item));
  }
  return result;
}

function applyListDirective(result: JsonObject, directive: string, value: readonly Json[], schema: Schema | undefined): void {
  if (directive.startsWith(deleteFromList)) {
    const name = directive.slice(deleteFromList.length);
    result[name] = listOf(result[name]).filter((item) => !value.some((each) => jsonEqual(each, item)));
  }
  if (directive.startsWith(setElementOrder)) {
    const name = directive.slice(setElementOrder.length);
    if (Array.isArray(result[name])) result[name] = inOrder(result[name], value, mergeKeyOf(propertySchema(schema, name)));
  }
}

/** Items named by the order come in it; others stay behind the item they followed. */
function inOrder(items: readonly Json[], order: readonly Json[], key: string | undefined): Json[] {
  const identity = (item: Json): Json | undefined => (key !== undefined && isObject(item) ? item[key] : item);
  const rank = (item: Json): number => order.findIndex((each) => jsonEqual(identity(each), identity(item)));
  const ranked: { readonly item: Json; readonly rank: number }[] = [];
  let last = -1;
  for (const item of items) {
    const own = rank(item);
    if (own >= 0) last = own;
    ranked.push({ item, rank: own >= 0 ? own : last + 0.5 });
  }
  return ranked.toSorted((left, right) => left.rank - right.rank).map(({ item }) => item);
}
