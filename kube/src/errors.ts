/** Every failure of a call to the API server, as a class that callers can decide by. */
import { isRecord, numberIn, stringIn } from './json.ts';

export interface ApiErrorData {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** One CamelCase word of metav1.Status, such as `Conflict`. */
  readonly reason: string;
  readonly message: string;
  readonly details?: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly reason: string;
  readonly details: unknown;

  constructor(data: ApiErrorData, options?: ErrorOptions) {
    super(data.message, options);
    this.status = data.status;
    this.reason = data.reason;
    this.details = data.details;
  }
}

/** The object has changed since it was read, or a field belongs to another field manager: read again and decide again. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

export class AlreadyExistsError extends ApiError {
  override readonly name = 'AlreadyExistsError';
}

export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';

  /** It names an object; else the kind is not served, as when its CustomResourceDefinition is gone, and nothing is known about objects. */
  get isOfObject(): boolean {
    return isRecord(this.details) && stringIn(this.details, 'name') !== undefined;
  }
}

export class InvalidError extends ApiError {
  override readonly name = 'InvalidError';
}

/** The resourceVersion or the continue token is too old: list again. */
export class GoneError extends ApiError {
  override readonly name = 'GoneError';
}

export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
}

export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}

export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
  readonly retryAfterSeconds: number;

  constructor(data: ApiErrorData, options?: ErrorOptions) {
    super(data, options);
    this.retryAfterSeconds = data.retryAfterSeconds ?? 1;
  }
}

/** No answer, or a 5xx: whether a write took place is unknown. */
export class ApiUnavailableError extends ApiError {
  override readonly name = 'ApiUnavailableError';
}

/** The error that an answer with this HTTP status and body means. */
export function apiErrorFrom(httpStatus: number, body: unknown, retryAfterSeconds?: number): ApiError {
  const status = isRecord(body) ? (numberIn(body, 'code') ?? httpStatus) : httpStatus;
  const reason = (isRecord(body) ? stringIn(body, 'reason') : undefined) ?? '';
  const text = isRecord(body) ? stringIn(body, 'message') : undefined;
  const details = isRecord(body) ? body['details'] : undefined;
  const data = { status, reason, message: text ?? `the API server answered ${status}`, details, retryAfterSeconds };
  if (status === 429) return new TooManyRequestsError(data);
  if (status >= 500) return new ApiUnavailableError(data);
  switch (status) {
    case 401:
      return new UnauthorizedError(data);
    case 403:
      return new ForbiddenError(data);
    case 404:
      return new NotFoundError(data);
    case 409:
      return reason === 'AlreadyExists' ? new AlreadyExistsError(data) : new ConflictError(data);
    case 410:
      return new GoneError(data);
    case 422:
      return new InvalidError(data);
    default:
      return new ApiError(data);
  }
}

export function unavailable(what: string, cause: unknown): ApiUnavailableError {
  const message = `${what}: ${cause instanceof Error ? cause.message || cause.name : String(cause)}`;
  return new ApiUnavailableError({ status: 0, reason: 'Unreachable', message }, { cause });
}
