/** Bodies of query, of the older search, and of batches of either. */
import { z } from 'zod';
import type { NearestQuery, QueryRequest } from '../../coordinator/database.ts';
import { isList, isObject, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { NumberList } from '../../json/number-list.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import { unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkResultCount, checkSearchParams, limitExceeded } from '../request-rules.ts';
import { requireVectorNames, vectorConfig } from '../vector-rules.ts';
import {
  float,
  integer,
  notYet,
  onlyYet,
  optional,
  parseFields,
  readPointId,
  requirePointId,
  shown,
  takeFields,
  withDefault,
} from './body-schema.ts';
import { formatError } from './endpoint.ts';
import { readFilter } from './filter-body.ts';
import { payloadSelector, vectorSelector } from './selector-body.ts';
import { readVector } from './vector-body.ts';

const params = z
  .strictObject({
    hnsw_ef: optional(integer(1)),
    exact: withDefault(z.boolean(), false),
    indexed_only: onlyYet(false),
    // Tuning of features that are off for every collection: without effect on the answer.
    quantization: z.unknown().optional(),
    acorn: z.unknown().optional(),
    idf: notYet,
  })
  .transform(({ hnsw_ef, exact }) => ({ hnswEf: hnsw_ef, exact }));

const read = {
  params: withDefault(params, { hnswEf: undefined, exact: false }),
  score_threshold: optional(float),
  limit: withDefault(integer(1), 10),
  offset: withDefault(integer(0), 0),
  with_payload: withDefault(payloadSelector, false),
  with_vector: withDefault(vectorSelector, false),
  shard_key: notYet,
};
const query = z.strictObject({ ...read, using: withDefault(z.string(), ''), prefetch: notYet, lookup_from: notYet });
const search = z.strictObject({ ...read, limit: integer(1) });

export interface QueryReader {
  readonly collection: CollectionConfig;
  readonly limits: RequestLimits;
}

export function readQuery(body: BodyObject, reader: QueryReader): QueryRequest {
  const [{ query: queryBody, filter }, rest] = takeFields(body, ['query', 'filter']);
  const { using, ...given } = parseFields(query, rest);
  const nearest = readNearest(queryBody, using, reader);
  if (nearest !== undefined || using !== '') vectorConfig(reader.collection, using);
  return request(given, { nearest, using, filter }, reader);
}

/** The older form: `vector` is a list, or `{ name, vector }`. */
export function readSearch(body: BodyObject, reader: QueryReader): QueryRequest {
  const [{ vector, filter }, rest] = takeFields(body, ['vector', 'filter']);
  const given = parseFields(search, rest);
  if (vector === undefined || vector === null) throw formatError('missing field `vector`');
  const named = isObject(vector) ? namedVector(vector) : { name: '', numbers: vector };
  const numbers = readVector(named.numbers, 'vector', reader.collection, named.name);
  return request(given, { nearest: { kind: 'vector', vector: numbers }, using: named.name, filter }, reader);
}

/** `searches` of a batch, each still to be read. */
export function readBatch(body: BodyObject, limits: RequestLimits): readonly BodyObject[] {
  const { searches, ...rest } = body;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\``);
  if (searches === undefined || !isList(searches)) throw formatError('searches: expected a list');
  if (searches.length > limits.searchesPerBatch) throw limitExceeded('searches', searches.length, limits.searchesPerBatch);
  return searches.map((item, index) => {
    if (!isObject(item)) throw formatError(`searches.${index}: expected an object`);
    return item;
  });
}

type ReadFields = z.output<z.ZodObject<typeof read>>;
type Target = Pick<QueryRequest, 'nearest' | 'using'> & { readonly filter: BodyValue | undefined };

function request(given: ReadFields, { nearest, using, filter }: Target, { collection, limits }: QueryReader): QueryRequest {
  checkResultCount(given.limit, given.offset, limits.searchResults);
  requireVectorNames(collection, given.with_vector);
  return {
    nearest,
    using,
    filter: readFilter(filter, 'filter', limits),
    params: checkSearchParams(given.params, limits),
    scoreThreshold: given.score_threshold,
    limit: given.limit,
    offset: given.offset,
    withPayload: given.with_payload,
    withVectors: given.with_vector,
  };
}

function readNearest(value: BodyValue | undefined, using: string, reader: QueryReader): NearestQuery | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) return nearest(value, 'query', using, reader);
  if (!('nearest' in value)) {
    const kind = Object.keys(value)[0] ?? '';
    if (laterQueries.has(kind)) throw unsupportedField(`query.${kind}`);
    return nearest(value, 'query', using, reader);
  }
  const { nearest: target, mmr, ...rest } = value;
  if (mmr !== undefined && mmr !== null) throw unsupportedField('query.mmr');
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\` in \`query\``);
  return nearest(target ?? null, 'query.nearest', using, reader);
}

const laterQueries: ReadonlySet<string> = new Set([
  'recommend',
  'discover',
  'context',
  'order_by',
  'fusion',
  'rrf',
  'formula',
  'sample',
  'relevance_feedback',
]);

function nearest(value: BodyValue, path: string, using: string, { collection }: QueryReader): NearestQuery {
  if (isList(value) || value instanceof NumberList || isObject(value)) {
    return { kind: 'vector', vector: readVector(value, path, collection, using) };
  }
  if (readPointId(value) === undefined) throw formatError(`${path}: value ${shown(value)} is neither a vector nor a point id`);
  return { kind: 'id', id: requirePointId(value, path) };
}

function namedVector(value: BodyObject): { readonly name: string; readonly numbers: BodyValue } {
  const { name, vector, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\` in \`vector\``);
  if (typeof name !== 'string') throw formatError('vector.name: expected the name of a vector');
  return { name, numbers: vector ?? null };
}
