/** Failures as Kubernetes' Status objects, with the messages that kubectl users know. */
import { bodyOf, messageOf, reasonOf, type FieldError } from './field-error.ts';
import type { JsonObject } from './json.ts';

/** What an error message names: `pods "a"`, or `vectorclusters.vectorcluster.io "a"`. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export type StatusCause = { reason?: string; message: string; field?: string };
export type StatusDetails = {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
};

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(code: number, reason: string, message: string, details: StatusDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(Object.keys(this.details).length > 0 && { details: this.details }),
      code: this.code,
    };
  }
}

const qualified = (word: string, group: string): string => (group === '' ? word : `${word}.${group}`);
const about = (resource: ResourceName, name: string): StatusDetails => ({
  name,
  ...(resource.group !== '' && { group: resource.group }),
  kind: resource.plural,
});

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource.plural, resource.group)} "${name}" not found`, about(resource, name));
}

/** No such path: an unknown group, version or resource. */
export function noSuchPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${qualified(resource.plural, resource.group)} "${name}" already exists`,
    about(resource, name),
  );
}

export function conflict(resource: ResourceName, name: string, why?: string): ApiError {
  const text = why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${qualified(resource.plural, resource.group)} "${name}": ${text}`;
  return new ApiError(409, 'Conflict', message, about(resource, name));
}

export function invalid(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError {
  const unique = [...new Map(errors.map((error) => [messageOf(error), error])).values()];
  const texts = unique.map(messageOf);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualified(resource.kind, resource.group)} "${name}" is invalid: ${text}`, {
    name,
    ...(resource.group !== '' && { group: resource.group }),
    kind: resource.kind,
    causes: unique.map((error) => ({ reason: reasonOf(error), message: bodyOf(error), field: error.field })),
  });
}

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

export function forbidden(resource: ResourceName, name: string, why: string): ApiError {
  const named = name === '' ? '' : ` "${name}"`;
  return new ApiError(403, 'Forbidden', `${qualified(resource.plural, resource.group)}${named} is forbidden: ${why}`, {
    ...(name !== '' && { name }),
    ...(resource.group !== '' && { group: resource.group }),
    kind: resource.plural,
  });
}

export const methodNotAllowed = (resource?: ResourceName): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    resource ? { ...(resource.group !== '' && { group: resource.group }), kind: resource.plural } : {},
  );

export const tooOld = (asked: number, oldest: number): ApiError =>
  new ApiError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);

export const continueExpired = (): ApiError =>
  new ApiError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
  );

export function tooManyRequests(message: string, retryAfterSeconds: number, causes: StatusCause[] = []): ApiError {
  return new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds, ...(causes.length > 0 && { causes }) });
}

export const bodyTooLarge = (limit: number): ApiError =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

export const unsupportedMediaType = (got: string, accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    got === '' ? {} : { causes: [{ reason: 'UnsupportedMediaType', message: got }] },
  );
