/** Filters of the REST API. Written by hand: a condition is told by which key it has, and errors must name that key. */
import { isObject, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { NumberList } from '../../json/number-list.ts';
import type { Condition, Filter, MatchValue, Range } from '../../model/filter.ts';
import { JsonFloat } from '../../model/json-value.ts';
import { unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkFilter } from '../request-rules.ts';
import { requirePointId, shown } from './body-schema.ts';
import { formatError, ruleError } from './endpoint.ts';

/** Undefined when the body has none. `path` names the filter in error texts. */
export function readFilter(value: BodyValue | undefined, path: string, limits: RequestLimits): Filter | undefined {
  return value === undefined || value === null ? undefined : checkFilter(filter(value, path), limits);
}

const clauses = ['must', 'must_not', 'should'] as const;

function filter(value: BodyValue, path: string): Filter {
  const body = object(value, path);
  onlyKeys(body, [...clauses, 'min_should'], path);
  if (isSet(body['min_should'])) throw unsupportedField(`${path}.min_should`);
  const [must = [], mustNot = [], should = []] = clauses.map((clause) => conditions(body[clause], `${path}.${clause}`));
  return { must, mustNot, should };
}

function conditions(value: BodyValue | undefined, path: string): readonly Condition[] {
  if (!isSet(value)) return [];
  return isListOf(value) ? value.map((item, index) => condition(item, `${path}.${index}`)) : [condition(value ?? null, path)];
}

function condition(value: BodyValue, path: string): Condition {
  const body = object(value, path);
  if (Object.hasOwn(body, 'key')) return fieldCondition(body, path);
  const [name, ...others] = Object.keys(body).filter((key) => isSet(body[key]));
  if (name === undefined) return { kind: 'filter', filter: { must: [], mustNot: [], should: [] } };
  if (name === 'min_should' || clauses.some((clause) => clause === name)) return { kind: 'filter', filter: filter(body, path) };
  if (others.length > 0) throw formatError(`${path}: a condition has one of ${[name, ...others].join(', ')}`);
  switch (name) {
    case 'has_id':
      return { kind: 'has-id', ids: list(body[name], `${path}.has_id`).map((id, index) => requirePointId(id, `${path}.has_id.${index}`)) };
    case 'is_empty':
      return { kind: 'is-empty', key: keyOf(body[name], `${path}.is_empty`) };
    case 'is_null':
      return { kind: 'is-null', key: keyOf(body[name], `${path}.is_null`) };
    case 'has_vector':
    case 'nested':
    case 'slice':
      throw unsupportedField(`${path}.${name}`);
    default:
      throw formatError(`${path}: unknown condition \`${name}\``);
  }
}

const laterFieldConditions = ['geo_bounding_box', 'geo_radius', 'geo_polygon', 'values_count'] as const;

function fieldCondition(body: BodyObject, path: string): Condition {
  onlyKeys(body, ['key', 'match', 'range', 'is_empty', 'is_null', ...laterFieldConditions], path);
  const key = payloadKey(body['key'], `${path}.key`);
  const later = laterFieldConditions.find((name) => isSet(body[name]));
  if (later !== undefined) throw unsupportedField(`${path}.${later}`);
  const [name = '', ...others] = ['match', 'range', 'is_empty', 'is_null'].filter((field) => isSet(body[field]));
  if (others.length > 0) throw unsupportedField(`${path}: more than one of ${[name, ...others].join(', ')} in one condition`);
  const value = body[name];
  switch (name) {
    case 'match':
      return match(key, value, `${path}.match`);
    case 'range':
      return { kind: 'range', key, range: range(value, `${path}.range`) };
    case 'is_empty':
      return eitherWay({ kind: 'is-empty', key }, value, `${path}.is_empty`);
    case 'is_null':
      return eitherWay({ kind: 'is-null', key }, value, `${path}.is_null`);
    default:
      throw formatError(`${path}: a condition on \`${key}\` needs one of match, range, is_empty, is_null`);
  }
}

function match(key: string, value: BodyValue | undefined, path: string): Condition {
  const body = object(value ?? null, path);
  const [name, ...others] = Object.keys(body).filter((member) => isSet(body[member]));
  if (name === undefined || others.length > 0) throw formatError(`${path}: needs exactly one of value, any, except`);
  switch (name) {
    case 'value':
      return { kind: 'match-value', key, value: matchValue(body[name], `${path}.value`) };
    case 'any':
      return { kind: 'match-any', key, values: matchValues(body[name], `${path}.any`) };
    case 'except':
      return { kind: 'match-except', key, values: matchValues(body[name], `${path}.except`) };
    case 'text':
    case 'text_any':
    case 'phrase':
    case 'prefix':
      throw unsupportedField(`${path}.${name}`);
    default:
      throw formatError(`${path}: unknown field \`${name}\``);
  }
}

function matchValue(value: BodyValue | undefined, path: string): MatchValue {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  throw formatError(`${path}: value ${shown(value)} is not a string, an integer or a boolean`);
}

function matchValues(value: BodyValue | undefined, path: string): readonly MatchValue[] {
  return list(value, path).map((item, index) => {
    if (typeof item === 'boolean') throw formatError(`${path}.${index}: value ${shown(item)} is not a string or an integer`);
    return matchValue(item, `${path}.${index}`);
  });
}

function range(value: BodyValue | undefined, path: string): Range {
  const body = object(value ?? null, path);
  onlyKeys(body, ['lt', 'gt', 'lte', 'gte'], path);
  const bound = (name: string): number | undefined => {
    const given = body[name];
    if (given instanceof JsonFloat) return given.value;
    if (typeof given === 'number' || typeof given === 'bigint') return Number(given);
    if (typeof given === 'string') throw unsupportedField(`${path}.${name} with a date`);
    if (isSet(given)) throw formatError(`${path}.${name}: value ${shown(given)} is not a number`);
    return undefined;
  };
  return { lt: bound('lt'), gt: bound('gt'), lte: bound('lte'), gte: bound('gte') };
}

/** `is_empty: false` is the contrary of `is_empty: true`. */
function eitherWay(holds: Condition, value: BodyValue | undefined, path: string): Condition {
  if (typeof value !== 'boolean') throw formatError(`${path}: value ${shown(value)} is not a boolean`);
  return value ? holds : { kind: 'filter', filter: { must: [], mustNot: [holds], should: [] } };
}

function keyOf(value: BodyValue | undefined, path: string): string {
  const body = object(value ?? null, path);
  onlyKeys(body, ['key'], path);
  return payloadKey(body['key'], `${path}.key`);
}

function payloadKey(value: BodyValue | undefined, path: string): string {
  if (typeof value !== 'string') throw formatError(`${path}: expected a payload key, got ${shown(value)}`);
  if (value.trim() === '') throw ruleError(`${path}: value ${shown(value)} invalid, a payload key cannot be blank`);
  return value;
}

function object(value: BodyValue, path: string): BodyObject {
  if (!isObject(value)) throw formatError(`${path}: expected an object, got ${shown(value)}`);
  return value;
}

function list(value: BodyValue | undefined, path: string): readonly BodyValue[] {
  if (value instanceof NumberList) return value.exact();
  if (!isListOf(value)) throw formatError(`${path}: expected a list, got ${shown(value)}`);
  return value;
}

function isListOf(value: BodyValue | undefined): value is readonly BodyValue[] {
  return Array.isArray(value);
}

function isSet(value: BodyValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function onlyKeys(body: BodyObject, allowed: readonly string[], path: string): void {
  const unknown = Object.keys(body).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\` in \`${path}\``);
}
