/** From JSON to what CEL computes with: whole numbers are int (BigInt) where the schema says so, date-times are timestamps. */
import { isObject, type Json } from '../json.ts';
import { propertySchema, type Schema } from './schema.ts';

const reserved: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
]);

export function toCel(value: Json, schema: Schema | undefined): unknown {
  if (typeof value === 'number') return isInteger(value, schema) ? BigInt(value) : value;
  if (typeof value === 'string') return schema?.format === 'date-time' ? new Date(value) : value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, schema?.items));
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(value)) {
    if (property !== undefined) result[celName(name, schema)] = toCel(property, propertySchema(schema, name));
  }
  return result;
}

function isInteger(value: number, schema: Schema | undefined): boolean {
  return Number.isSafeInteger(value) && schema?.type !== 'number';
}

/** Names of declared properties that are no CEL identifiers are escaped, keys of maps are not. */
function celName(name: string, schema: Schema | undefined): string {
  if (schema?.properties === undefined || !Object.hasOwn(schema.properties, name)) return name;
  if (reserved.has(name)) return `__${name}__`;
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__');
}
