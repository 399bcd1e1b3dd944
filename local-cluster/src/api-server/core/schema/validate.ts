/** Checks a value against a schema, without CEL. Messages are those of Kubernetes. */
import { invalidValue, requiredValue, unsupportedValue, type FieldError } from '../field-error.ts';
import { canonical, isObject, jsonEqual, type Json, type JsonObject } from '../json.ts';
import { matchesFormat } from './formats.ts';
import type { Schema } from './schema.ts';

const maxErrors = 100;

export function validateObject(object: JsonObject, schema: Schema | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (schema !== undefined) validateValue(object, schema, '', errors);
  return errors;
}

function validateValue(value: Json, schema: Schema, path: string, errors: FieldError[]): void {
  if (errors.length >= maxErrors) return;
  if (value === null && schema.nullable === true) return;
  const typeProblem = typeError(value, schema, path);
  if (typeProblem !== undefined) {
    errors.push(typeProblem);
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((each) => jsonEqual(each, value)))
    errors.push(unsupportedValue(path, value, schema.enum));
  if (typeof value === 'string') validateText(value, schema, path, errors);
  else if (typeof value === 'number') validateNumber(value, schema, path, errors);
  else if (Array.isArray(value)) validateList(value, schema, path, errors);
  else if (isObject(value)) validateProperties(value, schema, path, errors);
  validateCombinations(value, schema, path, errors);
}

function typeError(value: Json, schema: Schema, path: string): FieldError | undefined {
  const got = typeName(value);
  if (schema.intOrString === true) return got === 'integer' || got === 'string' ? undefined : wrongType(path, 'integer,string', got);
  const wanted = schema.type;
  if (wanted === undefined || wanted === got || (wanted === 'number' && got === 'integer')) return undefined;
  return wrongType(path, wanted, got);
}

function wrongType(path: string, wanted: string, got: string): FieldError {
  return { kind: 'type-invalid', field: path, value: got, detail: `${path} in body must be of type ${wanted}: "${got}"` };
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function validateText(value: string, schema: Schema, path: string, errors: FieldError[]): void {
  const length = Array.from(value).length; // code points, as Go counts runes
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push({ kind: 'too-long', field: path, value, detail: `may not be more than ${schema.maxLength} bytes` });
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalidValue(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && !compiled(schema.pattern).test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format !== undefined && !matchesFormat(schema.format, value)) {
    errors.push(invalidValue(path, value, `${path} in body must be of type ${schema.format}: "${value}"`));
  }
}

const patterns = new Map<string, RegExp>();
function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, 'u');
    patterns.set(pattern, expression);
  }
  return expression;
}

function validateNumber(value: number, schema: Schema, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    errors.push(
      invalidValue(
        path,
        value,
        `${path} in body should be greater than ${schema.exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`,
      ),
    );
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    errors.push(
      invalidValue(path, value, `${path} in body should be less than ${schema.exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`),
    );
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    errors.push(invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
}

function tooMany(path: string, got: number, allowed: number): FieldError {
  return { kind: 'too-many', field: path, value: got, detail: `must have at most ${allowed} items` };
}

function validateList(value: readonly Json[], schema: Schema, path: string, errors: FieldError[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push(tooMany(path, value.length, schema.maxItems));
    return;
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  const { items } = schema;
  if (items !== undefined) value.forEach((item, index) => validateValue(item, items, `${path}[${index}]`, errors));
  const identity = itemIdentity(schema);
  if (identity === undefined) return;
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const key = identity(item);
    const text = canonical(key);
    if (seen.has(text)) errors.push({ kind: 'duplicate', field: `${path}[${index}]`, value: key, detail: '' });
    seen.add(text);
  });
}

function itemIdentity(schema: Schema): ((item: Json) => Json) | undefined {
  if (schema.listType === 'set' || schema.uniqueItems === true) return (item) => item;
  const { listMapKeys } = schema;
  if (schema.listType !== 'map' || listMapKeys === undefined) return undefined;
  return (item) =>
    isObject(item) ? Object.fromEntries(listMapKeys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]]))) : item;
}

function validateProperties(value: JsonObject, schema: Schema, path: string, errors: FieldError[]): void {
  const within = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const names = Object.keys(value);
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    errors.push(tooMany(path, names.length, schema.maxProperties));
  if (schema.minProperties !== undefined && names.length < schema.minProperties) {
    errors.push(invalidValue(path, names.length, `${path} in body should have at least ${schema.minProperties} properties`));
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) errors.push(requiredValue(within(name)));
  for (const [name, property] of Object.entries(value)) {
    if (property === undefined) continue;
    if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) {
      const own = schema.properties[name];
      if (own !== undefined) validateValue(property, own, within(name), errors);
    } else if (typeof schema.additionalProperties === 'object') {
      validateValue(property, schema.additionalProperties, within(name), errors);
    }
  }
}

function validateCombinations(value: Json, schema: Schema, path: string, errors: FieldError[]): void {
  const holds = (each: Schema): boolean => {
    const found: FieldError[] = [];
    validateValue(value, each, path, found);
    return found.length === 0;
  };
  for (const each of schema.allOf ?? []) validateValue(value, each, path, errors);
  if (schema.anyOf !== undefined && !schema.anyOf.some(holds)) {
    errors.push(invalidValue(path, value, `"${path}" must validate at least one schema (anyOf)`));
  }
  if (schema.oneOf !== undefined && schema.oneOf.filter(holds).length !== 1) {
    errors.push(invalidValue(path, value, `"${path}" must validate one and only one schema (oneOf)`));
  }
  if (schema.not !== undefined && holds(schema.not)) errors.push(invalidValue(path, value, `"${path}" must not validate the schema (not)`));
}
