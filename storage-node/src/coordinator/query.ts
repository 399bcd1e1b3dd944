import { BadInputError, NotFoundError } from '../errors.ts';
import type { VectorConfig } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { ScoredPoint } from '../model/point.ts';
import type { PointId } from '../model/point-id.ts';
import type { SearchRequest } from '../model/query.ts';
import type { CollectionCall } from './coordination.ts';
import type { NearestQuery, QueryRequest } from './database.ts';
import { mergeByScore } from './merge.ts';
import { readEveryShard } from './on-shard.ts';
import { retrieve } from './retrieve.ts';
import { scroll } from './scroll.ts';

/**
 * Payloads and vectors come with the hits up to this many hits of all shards together; beyond, fetching them for the final ones alone
 * is cheaper than the second round of calls it takes.
 */
const hitsInOneRound = 256;

export async function query(call: CollectionCall, request: QueryRequest): Promise<readonly ScoredPoint[]> {
  const { nearest } = request;
  if (nearest === undefined) return await byId(call, request);
  const config = call.collection.config.vectors.get(request.using);
  if (config === undefined) throw new BadInputError(`Not existing vector name error: ${request.using}`);
  const vector = await vectorOf(call, nearest, request.using);
  if (vector.length !== config.size) {
    throw new BadInputError(`Vector dimension error: expected dim: ${config.size}, got ${vector.length}`);
  }
  const filter = nearest.kind === 'id' ? without(nearest.id, request.filter) : request.filter;
  return await nearestTo(call, { ...request, filter }, { vector, config });
}

async function nearestTo(
  call: CollectionCall,
  request: QueryRequest,
  { vector, config }: { readonly vector: Float32Array; readonly config: VectorConfig },
): Promise<readonly ScoredPoint[]> {
  const { offset, limit, params, filter, scoreThreshold, withPayload, withVectors } = request;
  const wantsParts = withPayload !== false || withVectors !== false;
  const inTwoRounds = wantsParts && (offset + limit) * call.collection.shards.length > hitsInOneRound;
  // One object for all shards: by it those of one node are asked together.
  const search: SearchRequest = {
    vectorName: request.using,
    vector,
    filter,
    params,
    scoreThreshold,
    limit: offset + limit,
    withPayload: inTwoRounds ? false : withPayload,
    withVectors: inTwoRounds ? false : withVectors,
  };
  const lists = await readEveryShard(call, (replica, level, signal) => replica.search(search, level, signal));
  const order = config.distance === 'Cosine' || config.distance === 'Dot' ? 'descending' : 'ascending';
  const hits = mergeByScore(lists, order, { offset, limit });
  return inTwoRounds ? await withParts(call, request, hits) : hits;
}

/** Points deleted between the two rounds are left out. */
async function withParts(
  call: CollectionCall,
  { withPayload, withVectors }: QueryRequest,
  hits: readonly ScoredPoint[],
): Promise<readonly ScoredPoint[]> {
  const request = { ids: hits.map(({ id }) => id), withPayload, withVectors };
  const records = new Map((await retrieve(call, request)).map((record) => [record.id, record]));
  return hits.filter(({ id }) => records.has(id)).map((hit) => ({ ...hit, ...records.get(hit.id) }));
}

async function vectorOf(call: CollectionCall, nearest: NearestQuery, name: string): Promise<Float32Array> {
  if (nearest.kind === 'vector') return nearest.vector;
  const request = { ids: [nearest.id], withPayload: false, withVectors: [name] };
  const [record] = await retrieve(call, request);
  if (record === undefined) throw new NotFoundError(`No point with id ${nearest.id} found`);
  const vector = record.vectors?.get(name);
  if (vector === undefined) throw new NotFoundError(`Point with id ${nearest.id} has no vector \`${name}\``);
  return vector;
}

/** Without something to be near to, points come by ascending id with score 0. */
async function byId(
  call: CollectionCall,
  { filter, offset, limit, withPayload, withVectors }: QueryRequest,
): Promise<readonly ScoredPoint[]> {
  const request = { filter, limit: offset + limit, withPayload, withVectors };
  const { points } = await scroll(call, request);
  return points.slice(offset).map((point) => ({ ...point, score: 0, version: 0 }));
}

function without(id: PointId, filter: Filter | undefined): Filter {
  return {
    must: filter === undefined ? [] : [{ kind: 'filter', filter }],
    mustNot: [{ kind: 'has-id', ids: [id] }],
    should: [],
  };
}
