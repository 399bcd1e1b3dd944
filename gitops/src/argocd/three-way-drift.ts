/**
 * Where Argo CD's usual comparison of a custom resource finds it out of sync: what Git says against what is stored, as a JSON merge patch.
 * Fields that only the stored object has are its own; lists are compared as a whole, so a default inside a list is a difference for ever.
 */
import { isDeepStrictEqual } from 'node:util';

export function threeWayDrift(wanted: unknown, stored: unknown, path = ''): readonly string[] {
  if (!isRecord(wanted) || !isRecord(stored)) return isDeepStrictEqual(wanted, stored) ? [] : [path];
  return Object.entries(wanted).flatMap(([name, value]) => threeWayDrift(value, stored[name], path === '' ? name : `${path}.${name}`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
