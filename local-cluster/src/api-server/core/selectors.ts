/** Label selectors (`a=b,c in (d,e),!f`) and field selectors (`metadata.name=x`). */
import { badRequest } from './api-error.ts';
import { at, listOf, stringMap, textOf, type Json, type JsonObject } from './json.ts';
import type { StoredObject } from './object.ts';
import type { ResourceDefinition } from './resource.ts';

export type Selector = (object: StoredObject) => boolean;

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const everything: Selector = () => true;

export function labelSelector(text: string | undefined): Selector {
  if (text === undefined || text.trim() === '') return everything;
  const requirements = splitTopLevel(text).map(requirement);
  return (object) => {
    const labels = stringMap(object.metadata.labels);
    return requirements.every((holds) => holds(labels));
  };
}

/** Commas inside parentheses separate values, not requirements. */
function splitTopLevel(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function requirement(text: string): Requirement {
  const set = /^([^\s=!()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return operator === 'in'
      ? (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? '')
      : (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key] ?? '');
  }
  const compared = /^([^\s=!()]+)\s*(==|=|!=)\s*([^\s=!()]*)$/.exec(text);
  if (compared) {
    const [, key = '', operator, value = ''] = compared;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => Object.hasOwn(labels, key) && labels[key] === value;
  }
  const exists = /^(!?)\s*([^\s=!(),]+)$/.exec(text);
  if (exists) {
    const [, not, key = ''] = exists;
    return (labels) => Object.hasOwn(labels, key) === (not !== '!');
  }
  throw badRequest(`unable to parse requirement: found '${text}', expected: a label selector`);
}

/** A LabelSelector as objects hold them; an empty one matches everything. */
export function labelsMatch(selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(stringMap(at(selector, 'matchLabels')));
  if (!equal.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)) return false;
  return listOf(at(selector, 'matchExpressions')).every((expression) => expressionHolds(expression, labels));
}

function expressionHolds(expression: Json, labels: Readonly<Record<string, string>>): boolean {
  const key = textOf(at(expression, 'key')) ?? '';
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isListed = value !== undefined && listOf(at(expression, 'values')).includes(value);
  switch (textOf(at(expression, 'operator')) ?? '') {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

export function fieldSelector(text: string | undefined, resource: ResourceDefinition): Selector {
  if (text === undefined || text.trim() === '') return everything;
  const checks = text.split(',').map((part) => fieldCheck(part.trim(), resource));
  // Fields are those of the version asked for, which may not be the one stored.
  const asked = (object: JsonObject): JsonObject => resource.conversion?.fromStored(object) ?? object;
  return (object) => checks.every((holds) => holds(asked(object)));
}

function fieldCheck(text: string, resource: ResourceDefinition): (object: JsonObject) => boolean {
  const parsed = /^([^=!]+?)(==|=|!=)(.*)$/.exec(text);
  if (!parsed) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, field = '', operator, value] = parsed;
  const known = ['metadata.name', ...(resource.namespaced ? ['metadata.namespace'] : []), ...resource.selectableFields];
  if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
  const path = field.split('.');
  return (object) => {
    const actual = at(object, ...path);
    const actualText = actual === undefined || actual === null ? '' : String(typeof actual === 'object' ? JSON.stringify(actual) : actual);
    return operator === '!=' ? actualText !== value : actualText === value;
  };
}
