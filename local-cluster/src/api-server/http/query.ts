/** Query parameters and delete options as the core takes them. */
import { ApiError, badRequest } from '../core/api-error.ts';
import { at, isObject, textOf, type Json } from '../core/json.ts';
import type { DeleteOptions, Propagation } from '../core/requests/delete.ts';
import type { ListOptions } from '../core/requests/list.ts';
import type { FieldValidation, WriteOptions } from '../core/requests/request.ts';
import type { Exchange } from './exchange.ts';

export function writeOptions(exchange: Exchange): WriteOptions {
  const { query, request } = exchange;
  const agent = request.headers['user-agent']?.split('/')[0] ?? '';
  return {
    fieldManager: query.get('fieldManager') ?? agent.slice(0, 128),
    dryRun: isDryRun(query.getAll('dryRun')),
    fieldValidation: fieldValidation(query.get('fieldValidation')),
    warn: (text) => exchange.warnings.push(text),
  };
}

function isDryRun(values: readonly string[]): boolean {
  const bad = values.find((value) => value !== 'All');
  if (bad !== undefined) throw new ApiError(422, 'Invalid', `dryRun: Unsupported value: ${JSON.stringify(bad)}: supported values: "All"`);
  return values.length > 0;
}

function fieldValidation(value: string | null): FieldValidation {
  if (value === null || value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw new ApiError(
    422,
    'Invalid',
    `fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
  );
}

export function listOptions(query: URLSearchParams, namespace: string | undefined, name: string): ListOptions {
  const limit = number(query, 'limit');
  const fields = [query.get('fieldSelector') ?? '', ...(name === '' ? [] : [`metadata.name=${name}`])].filter((part) => part !== '');
  return {
    namespace,
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: fields.length === 0 ? undefined : fields.join(','),
    limit,
    continue: query.get('continue') ?? undefined,
  };
}

export function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw badRequest(`${name} must be a number, not ${JSON.stringify(text)}`);
  return value;
}

export const isTrue = (value: string | null): boolean => value === 'true' || value === '1';

/** Options come in the body or, for some clients, in the query. */
export function deleteOptions(exchange: Exchange, body: Json | undefined): DeleteOptions {
  const { query } = exchange;
  const options = isObject(body) ? body : {};
  const grace = options['gracePeriodSeconds'];
  const dryRun = options['dryRun'];
  return {
    uid: textOf(at(options, 'preconditions', 'uid')),
    resourceVersion: textOf(at(options, 'preconditions', 'resourceVersion')),
    gracePeriodSeconds: typeof grace === 'number' ? grace : number(query, 'gracePeriodSeconds'),
    propagation: propagation(options['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined, options['orphanDependents']),
    dryRun: isDryRun(query.getAll('dryRun')) || (Array.isArray(dryRun) && dryRun.includes('All')),
  };
}

function propagation(value: Json | undefined, orphanDependents: Json | undefined): Propagation | undefined {
  if (value === 'Background' || value === 'Foreground' || value === 'Orphan') return value;
  if (value === undefined || value === null || value === '') return orphanDependents === true ? 'Orphan' : undefined;
  throw new ApiError(
    422,
    'Invalid',
    `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(value)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
  );
}
