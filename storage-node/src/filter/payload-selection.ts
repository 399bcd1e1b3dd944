/** The part of a payload that a read asks for; what is kept keeps its place in the structure. */
import type { JsonObject, JsonValue } from '../model/json-value.ts';
import type { PayloadSelector } from '../model/point.ts';
import { isArray, isObject, parsePath, type PayloadPath, type PathStep } from './payload-path.ts';

/** Undefined when no payload is wanted. Paths that are none select nothing. */
export function selectPayload(payload: JsonObject, selector: PayloadSelector): JsonObject | undefined {
  if (typeof selector === 'boolean') return selector ? payload : undefined;
  const paths = ('include' in selector ? selector.include : selector.exclude).flatMap((text) => {
    const path = parsePath(text);
    return path ? [path] : [];
  });
  const selected = 'include' in selector ? included(payload, paths) : excluded(payload, paths);
  return selected !== undefined && isObject(selected) ? selected : {};
}

function included(value: JsonValue, paths: readonly PayloadPath[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (isArray(value)) {
    const kept = value.map((element, index) =>
      included(
        element,
        paths.flatMap((path) => rest(path, index)),
      ),
    );
    const present = kept.filter((element) => element !== undefined);
    return present.length === 0 ? undefined : present;
  }
  if (!isObject(value)) return undefined;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, JsonValue][] => {
    const further = paths.flatMap((path) => rest(path, name));
    const part = further.length === 0 ? undefined : included(inner, further);
    return part === undefined ? [] : [[name, part]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function excluded(value: JsonValue, paths: readonly PayloadPath[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (paths.length === 0) return value;
  if (isArray(value)) {
    return value.flatMap(
      (element, index) =>
        excluded(
          element,
          paths.flatMap((path) => rest(path, index)),
        ) ?? [],
    );
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, JsonValue][] => {
    const part = excluded(
      inner,
      paths.flatMap((path) => rest(path, name)),
    );
    return part === undefined ? [] : [[name, part]];
  });
  return Object.fromEntries(kept);
}

/** The path below a name or an element, when its first step leads there. */
function rest(path: PayloadPath, key: string | number): readonly PayloadPath[] {
  const [step, ...further] = path;
  return step !== undefined && leadsTo(step, key) ? [further] : [];
}

function leadsTo(step: PathStep, key: string | number): boolean {
  switch (step.kind) {
    case 'name':
      return step.name === key;
    case 'element':
      return step.index === key;
    case 'all':
      return typeof key === 'number';
  }
}
