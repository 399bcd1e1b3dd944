/** JSON without loss: 64-bit integers stay integers, integral floats stay floats (model/json-value.ts). */
import { JsonFloat, type JsonObject, type JsonValue } from '../model/json-value.ts';
import { exactNumber, mayNeedExactNumbers } from './exact-number.ts';
import { JsonError } from './json-error.ts';
import { findNumberLists, type Span } from './json-scan.ts';
import { NumberList } from './number-list.ts';

/** JSON as a request body holds it: long lists of numbers are not read yet. */
export type BodyValue = null | boolean | string | number | bigint | JsonFloat | NumberList | readonly BodyValue[] | BodyObject;
export interface BodyObject {
  readonly [key: string]: BodyValue;
}

/** Throws JsonError on text that is not JSON, nests deeper than `maxJsonDepth`, or holds a number beyond 64-bit floats. */
export function parseJson(text: string): JsonValue {
  findNumberLists(text);
  return mayNeedExactNumbers(text) ? withExactNumbers(text) : plain(text);
}

/** Like `parseJson`, but leaves long lists of numbers for `NumberList.numbers()` or `exactBody()`. */
export function parseBody(text: string): BodyValue {
  const lists = findNumberLists(text);
  if (lists.length === 0) return mayNeedExactNumbers(text) ? withExactNumbers(text) : plain(text);
  return withNumberLists(text, lists);
}

/** Reads the number lists that were left out, exactly. */
export function exactBody(value: BodyValue): JsonValue {
  if (value instanceof NumberList) return value.exact();
  if (isList(value)) return value.map(exactBody);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, exactBody(member)]));
}

export function stringifyJson(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof JsonFloat) return floatText(value.value);
  if (isJsonList(value)) return `[${value.map(stringifyJson).join(',')}]`;
  return stringifyObject(value);
}

export function stringifyObject(object: JsonObject): string {
  const members = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${stringifyJson(value)}`);
  return `{${members.join(',')}}`;
}

export function isList(value: BodyValue): value is readonly BodyValue[] {
  return Array.isArray(value);
}

export function isObject(value: BodyValue): value is BodyObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonFloat) && !(value instanceof NumberList)
  );
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** An integral float; the point or exponent tells readers that it is one. */
function floatText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function plain(text: string): JsonValue {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw notJson(error);
  }
}

interface ReviverContext {
  readonly source?: string;
}
declare global {
  interface JSON {
    /** The reviver's third argument is younger than TypeScript's own declaration. */
    parse(text: string, reviver: (key: string, value: unknown, context: ReviverContext) => unknown): unknown;
  }
}

type Reviver = (source: string | undefined, value: unknown) => unknown;

function withExactNumbers(text: string): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reviver replaces numbers only, by their exact form
  return revive(text, (source, value) => (typeof value === 'number' ? exactNumber(source ?? String(value), value) : value)) as JsonValue;
}

/**
 * A lone surrogate, written as itself. Text that was decoded from UTF-8 holds none, and a string that spells one with an escape has
 * another source text, so no client can forge this.
 */
const placeholder = '\ud800';

function withNumberLists(text: string, lists: readonly Span[]): BodyValue {
  const pieces: string[] = [];
  const cut: NumberList[] = [];
  let at = 0;
  for (const { start, end } of lists) {
    pieces.push(text.slice(at, start), `"${placeholder}${cut.length}"`);
    cut.push(new NumberList(text.slice(start, end)));
    at = end;
  }
  pieces.push(text.slice(at));
  const revived = revive(pieces.join(''), (source, value) => {
    if (typeof value === 'number') return exactNumber(source ?? String(value), value);
    return source?.[1] === placeholder ? cut[Number(source.slice(2, -1))] : value;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON values, with number lists where they were cut out
  return revived as BodyValue;
}

function revive(text: string, reviver: Reviver): unknown {
  try {
    return JSON.parse(text, (_key: string, value: unknown, { source }: ReviverContext) => reviver(source, value));
  } catch (error) {
    throw notJson(error);
  }
}

function notJson(error: unknown): unknown {
  return error instanceof SyntaxError ? new JsonError(error.message, { cause: error }) : error;
}
