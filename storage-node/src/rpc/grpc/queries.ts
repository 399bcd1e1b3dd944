import type {
  QueryPoints,
  SearchParams as SearchParamsMessage,
  SearchPoints,
  VectorInput,
} from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { NearestQuery, QueryRequest } from '../../coordinator/database.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import type { SearchParams } from '../../model/query.ts';
import { RequestFormatError, RequestRuleError, unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkResultCount, checkSearchParams } from '../request-rules.ts';
import { checkedVector, requireVectorNames, vectorConfig } from '../vector-rules.ts';
import { fromFilter } from './filters.ts';
import { fromPointId } from './point-ids.ts';
import { fromPayloadSelector, fromVectorSelector } from './selectors.ts';

export interface QueryReader {
  readonly collection: CollectionConfig;
  readonly limits: RequestLimits;
}

export function fromQueryPoints(message: QueryPoints, { collection, limits }: QueryReader): QueryRequest {
  if (message.prefetch.length > 0) throw unsupportedField('prefetch');
  if (message.lookupFrom !== undefined) throw unsupportedField('lookup_from');
  const using = message.using ?? '';
  const nearest = fromQuery(message.query, using, collection);
  if (nearest !== undefined || using !== '') vectorConfig(collection, using);
  return { ...readFields(message, { collection, limits }), nearest, using, limit: resultCount(message.limit ?? 10n, 1, 'limit') };
}

export function fromSearchPoints(message: SearchPoints, { collection, limits }: QueryReader): QueryRequest {
  if (message.sparseIndices !== undefined) throw unsupportedField('sparse_indices');
  const using = message.vectorName ?? '';
  const vector = checkedVector(collection, using, message.vector);
  const fields = readFields(message, { collection, limits });
  return { ...fields, nearest: { kind: 'vector', vector }, using, limit: resultCount(message.limit, 1, 'limit') };
}

function readFields(
  message: QueryPoints | SearchPoints,
  { collection, limits }: QueryReader,
): Omit<QueryRequest, 'nearest' | 'using' | 'limit'> {
  if (message.shardKeySelector !== undefined) throw unsupportedField('shard_key_selector');
  const offset = resultCount(message.offset ?? 0n, 0, 'offset');
  checkResultCount(Number(message.limit ?? 10n), offset, limits.searchResults);
  if (Number.isNaN(message.scoreThreshold)) throw new RequestRuleError('Validation error in body: [score_threshold: not a number]');
  const withVectors = fromVectorSelector(message.withVectors);
  requireVectorNames(collection, withVectors);
  return {
    filter: fromFilter(message.filter, limits),
    params: checkSearchParams(fromParams(message.params), limits),
    scoreThreshold: message.scoreThreshold,
    offset,
    withPayload: fromPayloadSelector(message.withPayload, false),
    withVectors,
  };
}

/** A whole number the caller has bounded, as a number; refuses what is below `min`. */
export function resultCount(value: bigint | number, min: number, field: string): number {
  if (value < min) throw new RequestRuleError(`Validation error in body: [${field}: value ${value} invalid, must be ${min} or larger]`);
  return Number(value);
}

function fromParams(params: SearchParamsMessage | undefined): SearchParams {
  if (params?.indexedOnly === true) throw unsupportedField('params.indexed_only');
  if (params?.idf !== undefined) throw unsupportedField('params.idf');
  return {
    hnswEf: params?.hnswEf === undefined ? undefined : resultCount(params.hnswEf, 1, 'params.hnsw_ef'),
    exact: params?.exact ?? false,
  };
}

function fromQuery(query: QueryPoints['query'], using: string, collection: CollectionConfig): NearestQuery | undefined {
  if (query === undefined) return undefined;
  const { variant } = query;
  if (variant.case === undefined) throw new RequestFormatError('the query is empty');
  if (variant.case !== 'nearest') throw unsupportedField(`query ${variant.case}`);
  return fromVectorInput(variant.value, using, collection);
}

function fromVectorInput({ variant }: VectorInput, using: string, collection: CollectionConfig): NearestQuery {
  switch (variant.case) {
    case 'id':
      return { kind: 'id', id: fromPointId(variant.value) };
    case 'dense':
      return { kind: 'vector', vector: checkedVector(collection, using, variant.value.data) };
    case 'sparse':
    case 'multiDense':
    case 'document':
    case 'image':
    case 'object':
      throw unsupportedField(`query vector ${variant.case}`);
    case undefined:
      throw new RequestFormatError('the vector of the query is empty');
  }
}
