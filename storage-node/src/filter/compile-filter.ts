/**
 * A filter as a function of one point. What a condition says of a missing, null, scalar or array value follows the public API:
 * an array matches when any of its elements does, one level deep.
 */
import { BadInputError } from '../errors.ts';
import type { Condition, Filter, MatchValue, Range } from '../model/filter.ts';
import { JsonFloat, type JsonObject, type JsonValue } from '../model/json-value.ts';
import type { PointId } from '../model/point-id.ts';
import { isArray, parsePath, valuesAt } from './payload-path.ts';

export type Predicate = (id: PointId, payload: JsonObject) => boolean;
type ValueTest = (value: JsonValue) => boolean;

/** Throws BadInputError when a key is not a path. */
export function compileFilter(filter: Filter): Predicate {
  const must = filter.must.map(compileCondition);
  const mustNot = filter.mustNot.map(compileCondition);
  const should = filter.should.map(compileCondition);
  return (id, payload) =>
    must.every((holds) => holds(id, payload)) &&
    !mustNot.some((holds) => holds(id, payload)) &&
    (should.length === 0 || should.some((holds) => holds(id, payload)));
}

function compileCondition(condition: Condition): Predicate {
  switch (condition.kind) {
    case 'filter':
      return compileFilter(condition.filter);
    case 'has-id': {
      const ids = new Set(condition.ids);
      return (id) => ids.has(id);
    }
    case 'is-empty':
      return onValues(condition.key, (values) => values.every((value) => value === null || (isArray(value) && value.length === 0)));
    case 'is-null':
      return onValues(condition.key, (values) => values.some((value) => value === null || (isArray(value) && value.includes(null))));
    case 'match-value': {
      const wanted = condition.value;
      return onAnyElement(condition.key, (value) => equals(value, wanted));
    }
    case 'match-any': {
      const wanted = keysOf(condition.values);
      return onAnyElement(condition.key, (value) => wanted.has(matchKey(value)));
    }
    case 'match-except': {
      const unwanted = keysOf(condition.values);
      return onAnyElement(condition.key, (value) => value !== null && !unwanted.has(matchKey(value)));
    }
    case 'range': {
      const { range } = condition;
      return onAnyElement(condition.key, (value) => inRange(value, range));
    }
  }
}

function onValues(key: string, test: (values: readonly JsonValue[]) => boolean): Predicate {
  const path = parsePath(key);
  if (!path) throw new BadInputError(`"${key}" is not a path into a payload`);
  return (_id, payload) => test(valuesAt(payload, path));
}

function onAnyElement(key: string, test: ValueTest): Predicate {
  return onValues(key, (values) => values.some((value) => (isArray(value) ? value.some(test) : test(value))));
}

function equals(value: JsonValue, wanted: MatchValue): boolean {
  if (typeof wanted !== 'bigint') return value === wanted;
  return typeof value === 'bigint' ? value === wanted : typeof value === 'number' && Number.isInteger(value) && BigInt(value) === wanted;
}

/** Texts, integers and booleans as keys that cannot be mistaken for each other; other values have none. */
function matchKey(value: JsonValue): string | undefined {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return `b${value}`;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return `i${value}`;
  return undefined;
}

function keysOf(values: readonly MatchValue[]): ReadonlySet<string | undefined> {
  return new Set(values.map(matchKey));
}

function inRange(value: JsonValue, range: Range): boolean {
  const number = value instanceof JsonFloat ? value.value : typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') return false;
  return (
    (range.lt === undefined || number < range.lt) &&
    (range.lte === undefined || number <= range.lte) &&
    (range.gt === undefined || number > range.gt) &&
    (range.gte === undefined || number >= range.gte)
  );
}
