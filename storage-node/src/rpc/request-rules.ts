/** Rules for filters, payloads and limits that come in, the same for both protocols. */
import { BadInputError } from '../errors.ts';
import type { Condition, Filter } from '../model/filter.ts';
import { JsonFloat, type JsonValue, type JsonObject } from '../model/json-value.ts';
import type { SearchParams } from '../model/query.ts';
import type { RequestLimits } from './limits.ts';

export function checkFilter(filter: Filter, limits: RequestLimits): Filter {
  const conditions = countConditions(filter, limits, 1);
  if (conditions > limits.filterConditions) throw limitExceeded('filter conditions', conditions, limits.filterConditions);
  return filter;
}

function countConditions(filter: Filter, limits: RequestLimits, depth: number): number {
  if (depth > limits.filterDepth) throw limitExceeded('filter depth', depth, limits.filterDepth);
  const count = (condition: Condition) => (condition.kind === 'filter' ? countConditions(condition.filter, limits, depth + 1) : 1);
  return [...filter.must, ...filter.mustNot, ...filter.should].reduce((sum, condition) => sum + count(condition), 0);
}

export function checkPayload(payload: JsonObject, limits: RequestLimits): JsonObject {
  const bytes = payloadBytes(payload, limits, 1);
  if (bytes > limits.payloadBytes) throw limitExceeded('payload bytes', bytes, limits.payloadBytes);
  return payload;
}

/** About the bytes of the payload as JSON; close enough for a bound. */
function payloadBytes(value: JsonValue, limits: RequestLimits, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || value instanceof JsonFloat) return 8;
  if (depth > limits.payloadDepth) throw limitExceeded('payload depth', depth, limits.payloadDepth);
  let bytes = 0;
  for (const [key, member] of Object.entries(value)) bytes += key.length + payloadBytes(member, limits, depth + 1);
  return bytes;
}

export function checkSearchParams(params: SearchParams, limits: RequestLimits): SearchParams {
  const { hnswEf = 0 } = params;
  if (hnswEf > limits.searchCandidates) throw limitExceeded('hnsw_ef', hnswEf, limits.searchCandidates);
  return params;
}

export function checkResultCount(limit: number, offset: number, most: number): void {
  if (limit + offset > most) throw limitExceeded('limit', limit + offset, most);
}

export function limitExceeded(what: string, asked: number, most: number): BadInputError {
  return new BadInputError(`Limit exceeded ${asked} > ${most} for "${what}"`);
}
