/** All checks an object passes before it is stored. */
import { invalid } from '../api-error.ts';
import { invalidValue, type FieldErrorKind } from '../field-error.ts';
import { metadataErrors, metadataUpdateErrors } from '../metadata.ts';
import type { StoredObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { hasRules, validateRules } from '../schema/cel.ts';
import { validateObject } from '../schema/validate.ts';

/** After these, rules cannot rely on what the schema promises. */
const blocking: ReadonlySet<FieldErrorKind> = new Set(['unsupported', 'required', 'too-long', 'too-many', 'type-invalid']);
const unchecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Throws a 422 that names every wrong field. */
export function validate(resource: ResourceDefinition, object: StoredObject, old: StoredObject | undefined): void {
  const errors = [...metadataErrors(object, resource), ...(old === undefined ? [] : metadataUpdateErrors(object, old))];
  const shape = validateObject(object, resource.schema);
  const isSound = !shape.some(({ kind }) => blocking.has(kind));
  errors.push(...shape);
  if (isSound || resource.isCustom) errors.push(...(resource.strategy.validate?.(object, old) ?? []));
  if (isSound) errors.push(...validateRules(object, old, resource.schema));
  else if (resource.schema !== undefined && hasRules(resource.schema)) errors.push(invalidValue('<nil>', null, unchecked));
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
}
