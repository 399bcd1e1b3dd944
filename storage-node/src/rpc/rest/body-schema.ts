/** zod over exact JSON: field kinds of the public API, and its error texts. */
import { z } from 'zod';
import { exactBody, isObject, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { JsonFloat, type JsonObject } from '../../model/json-value.ts';
import { parsePointId, type PointId } from '../../model/point-id.ts';
import { unsupportedField } from '../errors.ts';
import { formatError, ruleError } from './endpoint.ts';

export const integer = (min: number, max: number = 2 ** 32 - 1) => z.int().min(min).max(max);

/** A number of any form. */
export const float = z
  .union([z.number(), z.bigint(), z.instanceof(JsonFloat)])
  .transform((value) => (value instanceof JsonFloat ? value.value : Number(value)));

export const pointId = z.union([z.number(), z.bigint(), z.string()]).transform((value, context): PointId => {
  const id = readPointId(value);
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: notPointId(value) });
  return z.NEVER;
});

/** Any JSON object, exact. */
export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
);

/** Null and left out are the same in the public API. */
export function optional<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export function withDefault<S extends z.ZodType>(schema: S, value: z.output<S>) {
  return schema.nullish().transform((given) => given ?? value);
}

/** A field of which only one value is served so far; null and left out mean the same. */
export function onlyYet<T extends string | boolean | null>(served: T) {
  return z
    .unknown()
    .refine((value) => value === undefined || value === null || value === served, { params: { notYet: true } })
    .transform((value) => (value === served ? served : undefined))
    .optional();
}

/** A field that would change the result and that this version cannot serve: only null will do. */
export const notYet = onlyYet(null);

/** Strict parse; anything wrong is a RequestFormatError, RequestRuleError or BadInputError that names the field. */
export function parseFields<S extends z.ZodType>(schema: S, body: BodyValue, path?: string): z.output<S> {
  const parsed = schema.safeParse(exactBody(body), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw requestError(parsed.error.issues.map((issue) => (path === undefined ? issue : { ...issue, path: [path, ...issue.path] })));
}

/** Separates fields that hold vectors, which zod must not walk, from the rest. */
export function takeFields<K extends string>(body: BodyObject, names: readonly K[]): [Partial<Record<K, BodyValue>>, BodyObject] {
  const taken: Partial<Record<K, BodyValue>> = {};
  for (const name of names) if (Object.hasOwn(body, name)) taken[name] = body[name] ?? null;
  const isTaken: ReadonlySet<string> = new Set(names);
  return [taken, Object.fromEntries(Object.entries(body).filter(([key]) => !isTaken.has(key)))];
}

export function readPointId(value: BodyValue): PointId | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (typeof value === 'bigint') return value >= 0n ? value : undefined;
  // A number in quotes is not an id: the public API reads strings as UUIDs only.
  return typeof value === 'string' && value.length >= 32 ? parsePointId(value) : undefined;
}

export function requirePointId(value: BodyValue | undefined, path: string): PointId {
  if (value === undefined) throw formatError(`${path}: missing field`);
  const id = readPointId(value);
  if (id === undefined) throw formatError(`${path}: ${notPointId(value)}`);
  return id;
}

export function requireJsonObject(value: BodyValue, path: string): JsonObject {
  if (!isObject(value)) throw formatError(`${path}: expected an object`);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, exactBody(member)]));
}

function notPointId(value: BodyValue): string {
  return `value ${shown(value)} is not a valid point ID, valid values are either an unsigned integer or a UUID`;
}

type Issue = z.core.$ZodIssue;

function requestError(issues: readonly Issue[]): Error {
  const unsupported = issues.find((issue) => issue.code === 'custom' && issue.params?.['notYet'] === true);
  if (unsupported !== undefined) return unsupportedField(pathOf(unsupported));
  const broken = issues.filter((issue) => issue.code === 'too_small' || issue.code === 'too_big' || issue.code === 'invalid_format');
  if (broken.length < issues.length) return formatError(issues.map(formatText).join('; '));
  return ruleError(broken.map((issue) => `${pathOf(issue)}: value ${shown(issue.input)} invalid, ${ruleText(issue)}`).join(', '));
}

function formatText(issue: Issue): string {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `\`${key}\``).join(', ');
    return `unknown field ${keys}${path === '' ? '' : ` in \`${path}\``}`;
  }
  if (issue.input === undefined && issue.code !== 'custom') return `missing field \`${path}\``;
  if (issue.code === 'invalid_type') return `${path}: invalid type: expected ${issue.expected}, got ${shown(issue.input)}`;
  if (issue.code === 'invalid_value')
    return `${path}: unknown value ${shown(issue.input)}, expected one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') return `${path}: value ${shown(issue.input)} has none of the forms that are allowed here`;
  return `${path}: ${issue.message}`;
}

function ruleText(issue: Issue): string {
  if (issue.code === 'too_small') return `must be ${issue.minimum} or larger`;
  if (issue.code === 'too_big') return `must be ${issue.maximum} or smaller`;
  return issue.message;
}

function pathOf(issue: Issue): string {
  return issue.path.map(String).join('.');
}

/** A value in an error text: never more than a few words of it. */
export function shown(value: unknown): string {
  if (value instanceof JsonFloat) return String(value.value);
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
