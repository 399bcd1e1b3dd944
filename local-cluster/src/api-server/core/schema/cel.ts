/** x-kubernetes-validations: CEL rules over an object and, for transition rules, the object it replaces. */
import type { FieldError, FieldErrorKind } from '../field-error.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { itemsOf } from '../ownership/fields-of.ts';
import { compileExpression, type Program } from './cel-environment.ts';
import { toCel } from './cel-value.ts';
import type { Schema, ValidationRule } from './schema.ts';

const programs = new Map<string, Program>();
const rulesBelow = new WeakMap<Schema, boolean>();

function programFor(text: string): Program {
  let program = programs.get(text);
  if (program === undefined) {
    program = compileExpression(text);
    programs.set(text, program);
  }
  return program;
}

export function isTransitionRule(rule: ValidationRule): boolean {
  return /\boldSelf\b/.test(rule.rule);
}

/** What is wrong with a rule itself, or undefined. */
export function ruleProblem(rule: ValidationRule): string | undefined {
  try {
    for (const text of [rule.rule, rule.messageExpression]) if (text !== undefined) programFor(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function validateRules(object: JsonObject, old: JsonObject | undefined, schema: Schema | undefined): FieldError[] {
  if (schema === undefined) return [];
  return validateNode(rootValue(object), old && rootValue(old), schema, '');
}

/** Rules on an object's root see only these parts of its metadata. */
function rootValue(object: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name, generateName } = metadata;
  return { ...object, metadata: { ...(name !== undefined && { name }), ...(generateName !== undefined && { generateName }) } };
}

function validateNode(value: Json, old: Json | undefined, schema: Schema, path: string): FieldError[] {
  if (!hasRules(schema)) return [];
  const errors = (schema.validations ?? []).flatMap((rule) => check(rule, value, old, schema, path));
  if (Array.isArray(value)) errors.push(...validateItems(value, old, schema, path));
  else if (isObject(value)) errors.push(...validateFields(value, isObject(old) ? old : undefined, schema, path));
  return errors;
}

function validateFields(value: JsonObject, old: JsonObject | undefined, schema: Schema, path: string): FieldError[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const declared = schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const extra = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    const own = declared ?? extra;
    if (field === undefined || own === undefined) return [];
    const where = declared === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return validateNode(field, schema.mapType === 'atomic' ? undefined : old?.[name], own, where);
  });
}

/** Only items of list-maps can be matched with what they were. */
function validateItems(value: readonly Json[], old: Json | undefined, schema: Schema, path: string): FieldError[] {
  const { items } = schema;
  if (items === undefined) return [];
  const before = schema.listType === 'map' && Array.isArray(old) ? itemsOf(old, schema) : undefined;
  const now = before === undefined ? undefined : itemsOf(value, schema);
  const elements = now === undefined ? [] : [...now.keys()];
  return value.flatMap((item, index) => validateNode(item, before?.get(elements[index] ?? '')?.value, items, `${path}[${index}]`));
}

/** Whether there is any rule in a schema. */
export function hasRules(schema: Schema): boolean {
  const known = rulesBelow.get(schema);
  if (known !== undefined) return known;
  const nested = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ];
  const found = (schema.validations ?? []).length > 0 || nested.some(hasRules);
  rulesBelow.set(schema, found);
  return found;
}

const kinds: Readonly<Record<string, FieldErrorKind>> = {
  FieldValueInvalid: 'type-invalid',
  FieldValueForbidden: 'forbidden',
  FieldValueRequired: 'required',
  FieldValueDuplicate: 'duplicate',
};

function check(rule: ValidationRule, value: Json, old: Json | undefined, schema: Schema, path: string): FieldError[] {
  const isTransition = isTransitionRule(rule);
  if (isTransition && old === undefined) return [];
  const variables = { self: toCel(value, schema), ...(isTransition && old !== undefined && { oldSelf: toCel(old, schema) }) };
  const error = (kind: FieldErrorKind, detail: string): FieldError[] => [
    { kind, field: fieldOf(rule, path), value: schema.type ?? '', detail },
  ];
  try {
    if (programFor(rule.rule)(variables) === true) return [];
  } catch (problem) {
    const text = problem instanceof Error ? (problem.message.split('\n')[0] ?? '') : String(problem);
    return error('type-invalid', `rule evaluation error: ${text} evaluating rule: ${rule.message ?? rule.rule}`);
  }
  const kind = kinds[rule.reason ?? 'FieldValueInvalid'] ?? 'type-invalid';
  return kind === 'type-invalid' ? error('invalid', messageOf(rule, variables)) : error(kind, messageOf(rule, variables));
}

function fieldOf(rule: ValidationRule, path: string): string {
  const own = rule.fieldPath ?? '';
  return path === '' ? own.replace(/^\./, '') : `${path}${own}`;
}

function messageOf(rule: ValidationRule, variables: Record<string, unknown>): string {
  if (rule.messageExpression !== undefined) {
    try {
      const text = programFor(rule.messageExpression)(variables);
      if (typeof text === 'string' && text.trim() !== '') return text;
    } catch {
      // As in Kubernetes, a message that cannot be computed falls back to the fixed one.
    }
  }
  return rule.message ?? `failed rule: ${rule.rule}`;
}
