/** CustomResourceDefinitions are checked whole and established at once. */
import { invalidValue, requiredValue, type FieldError } from '../field-error.ts';
import { at, isObject, listOf, objectOf, textOf, type JsonObject } from '../json.ts';
import { timestamp, type StoredObject } from '../object.ts';
import type { Strategy } from '../resource.ts';
import { ruleProblem } from '../schema/cel.ts';
import { readSchema } from '../schema/schema.ts';
import { parseJsonPath } from './json-path.ts';
import { structuralErrors } from './structural.ts';

export const definitionStrategy: Strategy = { prepare, validate };

function prepare(definition: StoredObject, old: StoredObject | undefined): void {
  const spec = objectOf(definition['spec']);
  const names = objectOf(spec['names']);
  const kind = textOf(names['kind']) ?? '';
  const complete: JsonObject = {
    ...names,
    singular: names['singular'] ?? kind.toLowerCase(),
    listKind: names['listKind'] ?? `${kind}List`,
  };
  definition['spec'] = { ...spec, names: complete };
  const stored = listOf(spec['versions']).find((version) => at(version, 'storage') === true);
  const name = textOf(at(stored, 'name')) ?? '';
  const before = listOf(at(old, 'status', 'storedVersions'));
  const created = definition.metadata.creationTimestamp ?? timestamp(new Date(0));
  const holds = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: created,
  });
  definition['status'] = {
    conditions: [
      holds('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      holds('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: complete,
    storedVersions: before.includes(name) ? [...before] : [...before, name],
  };
}

function validate(definition: StoredObject): readonly FieldError[] {
  const spec = definition['spec'];
  const expected = `${textOf(at(spec, 'names', 'plural')) ?? ''}.${textOf(at(spec, 'group')) ?? ''}`;
  const errors: FieldError[] = [];
  if (definition.metadata.name !== expected) {
    errors.push(invalidValue('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  const versions = listOf(at(spec, 'versions'));
  if (versions.filter((version) => at(version, 'storage') === true).length !== 1) {
    errors.push(invalidValue('spec.versions', null, 'must have exactly one version marked as storage version'));
  }
  versions.forEach((version, index) => errors.push(...versionErrors(version, `spec.versions[${index}]`)));
  return errors;
}

function versionErrors(version: Parameters<typeof at>[0], path: string): FieldError[] {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (!isObject(schema)) return [requiredValue(`${path}.schema.openAPIV3Schema`, 'schemas are required')];
  const errors = structuralErrors(readSchema(schema), `${path}.schema.openAPIV3Schema`, ruleProblem);
  listOf(at(version, 'additionalPrinterColumns')).forEach((column, position) => {
    const jsonPath = textOf(at(column, 'jsonPath')) ?? '';
    if (parseJsonPath(jsonPath) !== undefined) return;
    errors.push(
      invalidValue(`${path}.additionalPrinterColumns[${position}].jsonPath`, jsonPath, 'is not a JSON path that printer columns may use'),
    );
  });
  return errors;
}
