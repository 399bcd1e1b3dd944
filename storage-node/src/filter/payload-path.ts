/**
 * Paths into a payload: names split by dots, `[i]` one element, `[]` all elements, `"quoted"` names for other characters.
 * A name does not look inside an array unless `[]` says so.
 */
import { JsonFloat, type JsonObject, type JsonValue } from '../model/json-value.ts';

export type PathStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'all' };
export type PayloadPath = readonly PathStep[];

const stepPattern = /"((?:[^"\\]|\\.)*)"|([\p{L}\p{N}_-]+)|\[(\d*)\]/uy;

/** Undefined when the text is not a path. */
export function parsePath(text: string): PayloadPath | undefined {
  const steps: PathStep[] = [];
  let at = 0;
  while (at < text.length) {
    if (steps.length > 0 && text[at] === '.') at++;
    else if (steps.length > 0 && text[at] !== '[') return undefined;
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(text);
    if (!match) return undefined;
    const [whole, quoted, bare, index] = match;
    const afterDot = text[at - 1] === '.';
    if (index !== undefined && (steps.length === 0 || afterDot)) return undefined;
    if (index === undefined) steps.push({ kind: 'name', name: bare ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1') });
    else steps.push(index === '' ? { kind: 'all' } : { kind: 'element', index: Number(index) });
    at += whole.length;
  }
  return steps.length === 0 || text.endsWith('.') ? undefined : steps;
}

/** Values at the path; none when it leads nowhere. */
export function valuesAt(payload: JsonObject, path: PayloadPath): readonly JsonValue[] {
  let values: readonly JsonValue[] = [payload];
  for (const step of path) values = values.flatMap((value) => descend(value, step));
  return values;
}

function descend(value: JsonValue, step: PathStep): readonly JsonValue[] {
  if (isArray(value)) {
    if (step.kind === 'all') return value;
    const element = step.kind === 'element' ? value[step.index] : undefined;
    return element === undefined ? [] : [element];
  }
  if (step.kind !== 'name' || !isObject(value) || !Object.hasOwn(value, step.name)) return [];
  const found = value[step.name];
  return found === undefined ? [] : [found];
}

export function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonFloat);
}
