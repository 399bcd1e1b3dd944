/** The rules of structural schemas, and that every CEL rule compiles. */
import { forbiddenValue, invalidValue, requiredValue, type FieldError } from '../field-error.ts';
import type { Schema, ValidationRule } from '../schema/schema.ts';

export function structuralErrors(schema: Schema, path: string, ruleProblem: (rule: ValidationRule) => string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const walk = (node: Schema, where: string): void => {
    errors.push(...nodeErrors(node, where, ruleProblem));
    for (const [name, property] of Object.entries(node.properties ?? {})) walk(property, `${where}.properties[${name}]`);
    if (node.items !== undefined) walk(node.items, `${where}.items`);
    if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, `${where}.additionalProperties`);
  };
  walk(schema, path);
  return errors;
}

function nodeErrors(node: Schema, path: string, ruleProblem: (rule: ValidationRule) => string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (node.type === undefined && node.preserveUnknownFields !== true && node.intOrString !== true) {
    errors.push(requiredValue(`${path}.type`, 'must not be empty for specified object fields'));
  }
  if (node.properties !== undefined && node.additionalProperties !== undefined) {
    errors.push(forbiddenValue(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  if (node.type === 'array' && node.items === undefined) errors.push(requiredValue(`${path}.items`, 'must be specified'));
  if (node.listType === 'map') {
    if ((node.listMapKeys ?? []).length === 0) {
      errors.push(requiredValue(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
    }
    for (const key of node.listMapKeys ?? []) {
      const isGiven = node.items?.required?.includes(key) === true || node.items?.properties?.[key]?.default !== undefined;
      if (!isGiven)
        errors.push(
          requiredValue(
            `${path}.items.properties[${key}].default`,
            'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ),
        );
    }
  }
  (node.validations ?? []).forEach((rule, index) => {
    const problem = ruleProblem(rule);
    if (problem !== undefined)
      errors.push(invalidValue(`${path}.x-kubernetes-validations[${index}].rule`, rule.rule, `compilation failed: ${problem}`));
  });
  return errors;
}
