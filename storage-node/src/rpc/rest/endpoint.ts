/** A REST call as the route families see it, free of the HTTP library. */
import type { RequestContext, WriteOptions } from '../../coordinator/database.ts';
import type { BodyObject, BodyValue } from '../../json/lossless-json.ts';
import { isObject, parseBody } from '../../json/lossless-json.ts';
import { RequestFormatError, RequestRuleError } from '../errors.ts';
import { ofCopies, withConsistency } from '../read-options.ts';

export interface RestCall {
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Undefined when the request has no body. */
  readonly bodyText: string | undefined;
  readonly context: RequestContext;
}

export interface Endpoint {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `:name` marks a parameter. */
  readonly path: string;
  /** Name in metrics and deadline texts. */
  readonly operation: string;
  /** JSON text of the `result`. */
  readonly handle: (call: RestCall) => Promise<string>;
}

export function pathParameter(call: RestCall, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new RequestFormatError(`missing path parameter \`${name}\``);
  return value;
}

export function bodyObject(call: RestCall): BodyObject {
  if (call.bodyText === undefined || call.bodyText.trim() === '') throw formatError('the body is empty, expected an object');
  const body: BodyValue = parseBody(call.bodyText);
  if (!isObject(body)) throw formatError('expected an object');
  return body;
}

export function writeOptions(call: RestCall): WriteOptions {
  const { wait, ordering } = call.query;
  if (wait !== undefined && wait !== 'true' && wait !== 'false') throw queryError(`wait: value ${wait} invalid, expected true or false`);
  if (ordering !== undefined && !['weak', 'medium', 'strong'].includes(ordering)) {
    throw queryError(`ordering: value ${ordering} invalid, expected weak, medium or strong`);
  }
  return { ...call.context, wait: wait === 'true' };
}

/** The context of a read, as fresh as `consistency` asks for. */
export function readContext({ query, context }: RestCall): RequestContext {
  const { consistency } = query;
  if (consistency === undefined) return context;
  if (consistency === 'majority' || consistency === 'quorum' || consistency === 'all')
    return withConsistency(context, ofCopies(consistency));
  if (/^[1-9][0-9]{0,8}$/.test(consistency)) return withConsistency(context, ofCopies(Number(consistency)));
  throw queryError(`consistency: value ${consistency} invalid, expected a positive integer, majority, quorum or all`);
}

/** Undefined when the call names none. */
export function timeoutParameter(query: RestCall['query']): number | undefined {
  const { timeout } = query;
  if (timeout === undefined) return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(timeout))
    throw queryError(`timeout: value ${timeout} invalid, must be a whole number of seconds, 1 or larger`);
  return Number(timeout) * 1000;
}

export function formatError(text: string): RequestFormatError {
  return new RequestFormatError(`Format error in JSON body: ${text}`);
}

export function ruleError(text: string): RequestRuleError {
  return new RequestRuleError(`Validation error in JSON body: [${text}]`);
}

function queryError(text: string): RequestFormatError {
  return new RequestFormatError(`Validation error in query parameters: [${text}]`);
}
