/** All checks an object passes before it is stored. */
import { invalid } from '../api-error.ts';
import { metadataErrors, metadataUpdateErrors } from '../metadata.ts';
import type { StoredObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { validateRules } from '../schema/cel.ts';
import { validateObject } from '../schema/validate.ts';

/** Throws a 422 that names every wrong field. */
export function validate(resource: ResourceDefinition, object: StoredObject, old: StoredObject | undefined): void {
  const errors = [...metadataErrors(object, resource), ...(old === undefined ? [] : metadataUpdateErrors(object, old))];
  const shape = validateObject(object, resource.schema);
  errors.push(...shape);
  // Rules may rely on what the schema promises, so they run on well-shaped values only.
  if (shape.length === 0) errors.push(...validateRules(object, old, resource.schema), ...(resource.strategy.validate?.(object, old) ?? []));
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
}
