/** The part of OpenAPI v3 that a structural schema may use. */
import { isObject, listOf, type Json, type JsonObject } from '../json.ts';

export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly nullable?: boolean;
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly preserveUnknownFields?: boolean;
  readonly embeddedResource?: boolean;
  readonly intOrString?: boolean;
  readonly validations?: readonly ValidationRule[];
  /** Of built-in kinds: the list-map key that strategic merge patch uses. */
  readonly patchMergeKey?: string;
}

/** Reads openAPIV3Schema; keywords that mean nothing to a server are left out. */
export function readSchema(json: JsonObject): Schema {
  const schema: { -readonly [Key in keyof Schema]: Schema[Key] } = {};
  const take = <Value>(name: string, is: (value: Json) => value is Json & Value, put: (value: Value) => void): void => {
    const value = json[name];
    if (value !== undefined && is(value)) put(value);
  };
  take('type', isText, (value) => (schema.type = value));
  take('format', isText, (value) => (schema.format = value));
  take('title', isText, (value) => (schema.title = value));
  take('description', isText, (value) => (schema.description = value));
  take('pattern', isText, (value) => (schema.pattern = value));
  take('nullable', isFlag, (value) => (schema.nullable = value));
  take('minimum', isNumber, (value) => (schema.minimum = value));
  take('maximum', isNumber, (value) => (schema.maximum = value));
  take('exclusiveMinimum', isFlag, (value) => (schema.exclusiveMinimum = value));
  take('exclusiveMaximum', isFlag, (value) => (schema.exclusiveMaximum = value));
  take('multipleOf', isNumber, (value) => (schema.multipleOf = value));
  take('minLength', isNumber, (value) => (schema.minLength = value));
  take('maxLength', isNumber, (value) => (schema.maxLength = value));
  take('minItems', isNumber, (value) => (schema.minItems = value));
  take('maxItems', isNumber, (value) => (schema.maxItems = value));
  take('uniqueItems', isFlag, (value) => (schema.uniqueItems = value));
  take('minProperties', isNumber, (value) => (schema.minProperties = value));
  take('maxProperties', isNumber, (value) => (schema.maxProperties = value));
  take('x-kubernetes-list-type', isListType, (value) => (schema.listType = value));
  take('x-kubernetes-map-type', isMapType, (value) => (schema.mapType = value));
  take('x-kubernetes-preserve-unknown-fields', isFlag, (value) => (schema.preserveUnknownFields = value));
  take('x-kubernetes-embedded-resource', isFlag, (value) => (schema.embeddedResource = value));
  take('x-kubernetes-int-or-string', isFlag, (value) => (schema.intOrString = value));
  take('items', isObject, (value) => (schema.items = readSchema(value)));
  take('not', isObject, (value) => (schema.not = readSchema(value)));
  if (json['default'] !== undefined) schema.default = json['default'];
  if (Array.isArray(json['enum'])) schema.enum = json['enum'];
  if (Array.isArray(json['required'])) schema.required = json['required'].filter(isText);
  if (Array.isArray(json['allOf'])) schema.allOf = schemas(json['allOf']);
  if (Array.isArray(json['anyOf'])) schema.anyOf = schemas(json['anyOf']);
  if (Array.isArray(json['oneOf'])) schema.oneOf = schemas(json['oneOf']);
  if (isObject(json['properties'])) schema.properties = schemaMap(json['properties']);
  const additional = json['additionalProperties'];
  if (typeof additional === 'boolean') schema.additionalProperties = additional;
  else if (isObject(additional)) schema.additionalProperties = readSchema(additional);
  const keys = listOf(json['x-kubernetes-list-map-keys']).filter(isText);
  if (keys.length > 0) schema.listMapKeys = keys;
  const rules = listOf(json['x-kubernetes-validations']).filter(isObject).map(readRule);
  if (rules.length > 0) schema.validations = rules;
  return schema;
}

function readRule(json: JsonObject): ValidationRule {
  return {
    rule: isText(json['rule']) ? json['rule'] : '',
    ...(isText(json['message']) && { message: json['message'] }),
    ...(isText(json['messageExpression']) && { messageExpression: json['messageExpression'] }),
    ...(isText(json['reason']) && { reason: json['reason'] }),
    ...(isText(json['fieldPath']) && { fieldPath: json['fieldPath'] }),
    ...(isFlag(json['optionalOldSelf']) && { optionalOldSelf: json['optionalOldSelf'] }),
  };
}

const schemas = (list: readonly Json[]): Schema[] => list.filter(isObject).map(readSchema);

function schemaMap(json: JsonObject): Record<string, Schema> {
  const result: Record<string, Schema> = {};
  for (const [name, value] of Object.entries(json)) if (isObject(value)) result[name] = readSchema(value);
  return result;
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';
const isNumber = (value: Json | undefined): value is number => typeof value === 'number';
const isFlag = (value: Json | undefined): value is boolean => typeof value === 'boolean';
const isListType = (value: Json): value is 'atomic' | 'set' | 'map' => value === 'atomic' || value === 'set' || value === 'map';
const isMapType = (value: Json): value is 'atomic' | 'granular' => value === 'atomic' || value === 'granular';

/** The schema of one property of an object, or undefined when it is not known. */
export function propertySchema(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** Whether a property that is not listed stays. */
export function keepsUnknown(schema: Schema | undefined): boolean {
  return schema === undefined || schema.preserveUnknownFields === true || schema.additionalProperties === true;
}
