/** Filters by looking at each payload, for the in-memory database of the tests. */
import type { Condition, Filter, MatchValue, Range } from '../src/model/filter.ts';
import { JsonFloat, type JsonValue } from '../src/model/json-value.ts';
import type { Point } from '../src/model/point.ts';

export function matches(filter: Filter | undefined, point: Point): boolean {
  if (filter === undefined) return true;
  const holds = (condition: Condition) => conditionHolds(condition, point);
  return filter.must.every(holds) && !filter.mustNot.some(holds) && (filter.should.length === 0 || filter.should.some(holds));
}

function conditionHolds(condition: Condition, point: Point): boolean {
  if (condition.kind === 'filter') return matches(condition.filter, point);
  if (condition.kind === 'has-id') return condition.ids.includes(point.id);
  const found = valuesAt(point.payload, condition.key);
  const elements = found.flatMap((value) => (isList(value) ? value : [value]));
  const present = elements.filter((value) => value !== null);
  if (condition.kind === 'is-empty') return elements.length === 0 || (found.length === 1 && found[0] === null);
  if (condition.kind === 'is-null') return elements.includes(null);
  if (condition.kind === 'range') return present.some((value) => within(value, condition.range));
  if (condition.kind === 'match-value') return present.some((value) => same(value, condition.value));
  const listed = (value: JsonValue) => condition.values.some((wanted) => same(value, wanted));
  return present.some((value) => listed(value) === (condition.kind === 'match-any'));
}

function same(value: JsonValue, wanted: MatchValue): boolean {
  return typeof wanted === 'bigint'
    ? (typeof value === 'number' || typeof value === 'bigint') && Number.isInteger(Number(value)) && BigInt(value) === wanted
    : value === wanted;
}

function within(value: JsonValue, { lt, gt, lte, gte }: Range): boolean {
  const number = value instanceof JsonFloat ? value.value : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return false;
  const x = Number(number);
  return (
    !(lt !== undefined && x >= lt) && !(gt !== undefined && x <= gt) && !(lte !== undefined && x > lte) && !(gte !== undefined && x < gte)
  );
}

/** Values at a dotted path; `[]` goes through a list, `[n]` takes one of it. */
function valuesAt(root: JsonValue, path: string): readonly JsonValue[] {
  const steps = path.match(/[^.[\]]+|\[[0-9]*\]/g) ?? [];
  return steps.reduce<readonly JsonValue[]>((values, step) => values.flatMap((value) => descend(value, step)), [root]);
}

function descend(value: JsonValue, step: string): readonly JsonValue[] {
  if (isList(value)) {
    if (step === '[]') return value;
    return step.startsWith('[') ? value.slice(Number(step.slice(1, -1)), Number(step.slice(1, -1)) + 1) : [];
  }
  if (typeof value !== 'object' || value === null || value instanceof JsonFloat || !Object.hasOwn(value, step)) return [];
  return [value[step] ?? null];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
