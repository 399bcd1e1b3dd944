import { isObject, type Json, type JsonObject } from '../json.ts';

/** RFC 7396: null removes, objects merge, everything else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (value !== undefined) result[name] = merged(result[name], value);
  }
  return result;
}

function merged(target: Json | undefined, value: Json): Json {
  if (!isObject(value)) return value;
  return mergePatch(isObject(target) ? target : {}, value);
}
