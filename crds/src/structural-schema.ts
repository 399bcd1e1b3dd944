/**
 * zod schema → Kubernetes structural schema.
 *
 * zod emits OpenAPI 3.0 that an API server refuses in places; `mend` corrects each node, `assertStructural` checks the result by the
 * rules of "Specifying a structural schema" in the CustomResourceDefinition documentation, so that a bad schema fails here and not at
 * `kubectl apply`.
 */
import { z } from 'zod';

export interface StructuralSchema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  nullable?: boolean;
  items?: StructuralSchema;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  additionalProperties?: StructuralSchema | boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-validations'?: ValidationRule[];
}

/** One CEL rule; `message` names the field, why, and what to do instead. */
export interface ValidationRule {
  rule: string;
  message: string;
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  fieldPath?: string;
}

/** For `.meta(rules(…))` on a zod schema. */
export function rules(...validations: readonly ValidationRule[]): { 'x-kubernetes-validations': ValidationRule[] } {
  return { 'x-kubernetes-validations': [...validations] };
}

export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const emitted: unknown = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    cycles: 'throw',
    unrepresentable: 'throw',
    override: ({ jsonSchema }) => mend(jsonSchema),
  });
  const result = nodeSchema.parse(emitted);
  assertStructural(result, 'schema');
  return result;
}

const nodeSchema = z.custom<StructuralSchema>((value) => typeof value === 'object' && value !== null);

function mend(node: Record<string, unknown>): void {
  delete node['$schema'];
  delete node['propertyNames'];
  // An API server prunes unknown fields itself and forbids additionalProperties beside properties.
  if ('properties' in node) delete node['additionalProperties'];
  // It does not keep that there are none, and what it stores would differ from what was applied for ever.
  if (Object.keys(node['properties'] ?? {}).length === 0) delete node['properties'];
  if (node['type'] === 'integer') {
    node['format'] ??= 'int64';
    if (node['minimum'] === Number.MIN_SAFE_INTEGER || node['minimum'] === -(2 ** 31)) delete node['minimum'];
    if (node['maximum'] === Number.MAX_SAFE_INTEGER || node['maximum'] === 2 ** 31 - 1) delete node['maximum'];
  }
  if (node['format'] === 'date-time') delete node['pattern']; // the API server checks the format itself
}

const forbidden = ['$ref', 'anyOf', 'oneOf', 'allOf', 'not', 'definitions', 'patternProperties', 'const', 'dependencies', 'id'];

/** Throws with the path of the first node that no API server would take. */
export function assertStructural(node: StructuralSchema, path: string): void {
  const fail = (problem: string): never => {
    throw new Error(`${path} is not a structural schema: ${problem}`);
  };
  for (const key of forbidden) if (key in node) fail(`it uses ${key}`);
  if (node.type === undefined && node['x-kubernetes-preserve-unknown-fields'] !== true) fail('it has no type');
  if (node.properties !== undefined && node.additionalProperties !== undefined) fail('it has both properties and additionalProperties');
  if (node.type === 'array') {
    if (node.items === undefined) fail('an array has no items');
    if (node.maxItems === undefined) fail('an array has no maxItems, which CEL needs to bound its cost');
  }
  if (node['x-kubernetes-list-type'] === 'map') {
    const keys = node['x-kubernetes-list-map-keys'] ?? [];
    if (keys.length === 0) fail('a list-map has no keys');
    for (const key of keys) {
      const given = node.items?.required?.includes(key) === true || node.items?.properties?.[key]?.default !== undefined;
      if (!given) fail(`list-map key ${key} is neither required nor defaulted`);
    }
  }
  if (node.items !== undefined) assertStructural(node.items, `${path}[]`);
  for (const [name, property] of Object.entries(node.properties ?? {})) assertStructural(property, `${path}.${name}`);
  if (typeof node.additionalProperties === 'object') assertStructural(node.additionalProperties, `${path}.*`);
}
