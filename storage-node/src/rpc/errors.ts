/** The one place where failures become REST and gRPC codes and texts. Texts begin as clients of the public API expect them. */
import { status } from '@grpc/grpc-js';
import {
  AlreadyExistsError,
  BadInputError,
  DeadlineError,
  HistoryLostError,
  InsufficientStorageError,
  NotFoundError,
  NotPrimaryError,
  NotSupportedError,
  OverloadedError,
  ShardUnavailableError,
  StorageNodeError,
} from '../errors.ts';
import { JsonError } from '../json/json-error.ts';

/** The request's form is wrong: not JSON, a wrong type, an unknown field. */
export class RequestFormatError extends StorageNodeError {
  override readonly name = 'RequestFormatError';
}

/** The form is right but a value breaks a rule of its field. */
export class RequestRuleError extends StorageNodeError {
  override readonly name = 'RequestRuleError';
}

/** The client closed its connection or cancelled; nobody reads the answer. */
export class ClientGoneError extends StorageNodeError {
  override readonly name = 'ClientGoneError';
  constructor() {
    super('the client went away');
  }
}

/** A field of a supported call that would change the result and that this version cannot serve. */
export function unsupportedField(field: string): BadInputError {
  return new BadInputError(`\`${field}\` is not supported yet`);
}

export interface EdgeError {
  readonly http: number;
  readonly grpc: status;
  readonly text: string;
  readonly retryAfterSeconds?: number | undefined;
  /** Nothing but our own fault: to be logged with its stack. */
  readonly bug: boolean;
}

interface Row {
  readonly type: abstract new (...parameters: never) => Error;
  readonly prefix: string;
  readonly http: number;
  readonly grpc: status;
}

const table: readonly Row[] = [
  { type: JsonError, prefix: 'Format error in JSON body: ', http: 400, grpc: status.INVALID_ARGUMENT },
  { type: RequestFormatError, prefix: '', http: 400, grpc: status.INVALID_ARGUMENT },
  { type: RequestRuleError, prefix: '', http: 422, grpc: status.INVALID_ARGUMENT },
  { type: BadInputError, prefix: 'Wrong input: ', http: 400, grpc: status.INVALID_ARGUMENT },
  { type: NotFoundError, prefix: 'Not found: ', http: 404, grpc: status.NOT_FOUND },
  { type: AlreadyExistsError, prefix: 'Wrong input: ', http: 409, grpc: status.ALREADY_EXISTS },
  { type: HistoryLostError, prefix: 'Conflict: ', http: 409, grpc: status.FAILED_PRECONDITION },
  { type: NotSupportedError, prefix: '', http: 501, grpc: status.UNIMPLEMENTED },
  { type: NotPrimaryError, prefix: 'Service unavailable: ', http: 503, grpc: status.UNAVAILABLE },
  { type: ShardUnavailableError, prefix: 'Service unavailable: ', http: 503, grpc: status.UNAVAILABLE },
  { type: DeadlineError, prefix: 'Timeout error: ', http: 408, grpc: status.DEADLINE_EXCEEDED },
  { type: OverloadedError, prefix: 'Rate limiting exceeded: ', http: 429, grpc: status.RESOURCE_EXHAUSTED },
  { type: InsufficientStorageError, prefix: 'Insufficient storage: ', http: 507, grpc: status.RESOURCE_EXHAUSTED },
  { type: ClientGoneError, prefix: '', http: 499, grpc: status.CANCELLED },
];

export function edgeError(error: unknown): EdgeError {
  const row = table.find(({ type }) => error instanceof type);
  if (row === undefined || !(error instanceof Error)) {
    const text = 'Service internal error: the request failed for a reason that is in the log of this node';
    return { http: 500, grpc: status.INTERNAL, text, bug: true };
  }
  const retryAfterSeconds = error instanceof OverloadedError ? Math.max(1, Math.ceil(error.retryAfterSeconds)) : undefined;
  return { http: row.http, grpc: row.grpc, text: row.prefix + error.message, retryAfterSeconds, bug: false };
}
