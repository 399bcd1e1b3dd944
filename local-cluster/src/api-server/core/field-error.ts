/** One thing wrong with one field, worded as Kubernetes words it. */
import type { Json } from './json.ts';

export type FieldErrorKind =
  | 'invalid'
  | 'required'
  | 'forbidden'
  | 'duplicate'
  | 'unsupported'
  | 'too-long'
  | 'too-many'
  | 'not-found'
  | 'type-invalid';

export interface FieldError {
  readonly kind: FieldErrorKind;
  /** Such as spec.pools[0].replicas. */
  readonly field: string;
  readonly value?: Json | undefined;
  readonly detail: string;
}

const reasons: Record<FieldErrorKind, string> = {
  invalid: 'FieldValueInvalid',
  required: 'FieldValueRequired',
  forbidden: 'FieldValueForbidden',
  duplicate: 'FieldValueDuplicate',
  unsupported: 'FieldValueNotSupported',
  'too-long': 'FieldValueTooLong',
  'too-many': 'FieldValueTooMany',
  'not-found': 'FieldValueNotFound',
  'type-invalid': 'FieldValueTypeInvalid',
};

const titles: Record<FieldErrorKind, string> = {
  invalid: 'Invalid value',
  required: 'Required value',
  forbidden: 'Forbidden',
  duplicate: 'Duplicate value',
  unsupported: 'Unsupported value',
  'too-long': 'Too long',
  'too-many': 'Too many',
  'not-found': 'Not found',
  'type-invalid': 'Invalid value',
};

const withoutValue: ReadonlySet<FieldErrorKind> = new Set(['required', 'forbidden', 'too-long']);

export function reasonOf(error: FieldError): string {
  return reasons[error.kind];
}

/** Without the field: "Invalid value: -1: must be positive". */
export function bodyOf(error: FieldError): string {
  const parts = [titles[error.kind]];
  if (!withoutValue.has(error.kind)) parts.push(JSON.stringify(error.value ?? null));
  if (error.detail !== '') parts.push(error.detail);
  return parts.join(': ');
}

export function messageOf(error: FieldError): string {
  return `${error.field}: ${bodyOf(error)}`;
}

export const invalidValue = (field: string, value: Json | undefined, detail: string): FieldError => ({
  kind: 'invalid',
  field,
  value,
  detail,
});
export const requiredValue = (field: string, detail = ''): FieldError => ({ kind: 'required', field, detail });
export const forbiddenValue = (field: string, detail: string): FieldError => ({ kind: 'forbidden', field, detail });

export function unsupportedValue(field: string, value: Json | undefined, supported: readonly Json[]): FieldError {
  return { kind: 'unsupported', field, value, detail: `supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}` };
}
