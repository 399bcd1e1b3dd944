/**
 * The part of a payload that a read asks for; what is kept keeps its place in the structure. As in the public API, an object or array on
 * the way to a path that leads nowhere stays, without its members, and so does a scalar; `[i]` leads nowhere, only `[]` does.
 */
import type { JsonObject, JsonValue } from '../model/json-value.ts';
import type { PayloadSelector } from '../model/point.ts';
import { isArray, isObject, parsePath, type PayloadPath, type PathStep } from './payload-path.ts';

/** Undefined when no payload is wanted. Texts that are not paths select nothing. */
export function selectPayload(payload: JsonObject, selector: PayloadSelector): JsonObject | undefined {
  if (typeof selector === 'boolean') return selector ? payload : undefined;
  return 'include' in selector ? includedMembers(payload, pathsOf(selector.include)) : excludedMembers(payload, pathsOf(selector.exclude));
}

function pathsOf(texts: readonly string[]): readonly PayloadPath[] {
  return texts.flatMap((text) => {
    const path = parsePath(text);
    return path ? [path] : [];
  });
}

/** `paths` lead to or beyond the value, at least one of them. */
function included(value: JsonValue, paths: readonly PayloadPath[]): JsonValue {
  if (paths.some((path) => path.length === 0)) return value;
  if (isObject(value)) return includedMembers(value, paths);
  if (!isArray(value)) return value;
  const further = beyond(paths, { kind: 'all' });
  return further.length === 0 ? [] : value.map((element) => included(element, further));
}

function includedMembers(object: JsonObject, paths: readonly PayloadPath[]): JsonObject {
  const kept = Object.entries(object).flatMap(([name, member]): [string, JsonValue][] => {
    const further = beyond(paths, { kind: 'name', name });
    return further.length === 0 ? [] : [[name, included(member, further)]];
  });
  return Object.fromEntries(kept);
}

function excluded(value: JsonValue, paths: readonly PayloadPath[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (paths.length === 0) return value;
  if (isObject(value)) return excludedMembers(value, paths);
  if (!isArray(value)) return value;
  const further = beyond(paths, { kind: 'all' });
  return value.map((element) => excluded(element, further)).filter((element) => element !== undefined);
}

function excludedMembers(object: JsonObject, paths: readonly PayloadPath[]): JsonObject {
  const kept = Object.entries(object).flatMap(([name, member]): [string, JsonValue][] => {
    const part = excluded(member, beyond(paths, { kind: 'name', name }));
    return part === undefined ? [] : [[name, part]];
  });
  return Object.fromEntries(kept);
}

/** What is left of the paths that begin with a step. */
function beyond(paths: readonly PayloadPath[], taken: PathStep): readonly PayloadPath[] {
  return paths.flatMap((path) => {
    const [step, ...further] = path;
    return step !== undefined && same(step, taken) ? [further] : [];
  });
}

function same(step: PathStep, taken: PathStep): boolean {
  return step.kind === 'name' ? taken.kind === 'name' && step.name === taken.name : step.kind === 'all' && taken.kind === 'all';
}
