import type { ServiceHandlers } from '@vectorcluster/proto/grpc-adapter.ts';
import type {
  CountPoints,
  DeletePoints,
  GetPoints,
  QueryBatchPoints,
  QueryPoints,
  ScrollPoints,
  SearchBatchPoints,
  SearchPoints,
  SetPayloadPoints,
  UpsertPoints,
} from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { Points } from '@vectorcluster/proto/gen/qdrant/points_service_pb.ts';
import type { Database, QueryRequest, RequestContext } from '../../coordinator/database.ts';
import type { WriteOperation } from '../../model/write-operation.ts';
import { unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkPayload, checkResultCount, limitExceeded } from '../request-rules.ts';
import { requireVectorNames } from '../vector-rules.ts';
import type { Handle } from './call.ts';
import { fromFilter } from './filters.ts';
import { fromFields } from './json-values.ts';
import { fromPointId, toPointId } from './point-ids.ts';
import { fromUpsert, toRetrievedPoint, toScoredPoint, toUpdateResult } from './points.ts';
import { fromQueryPoints, fromSearchPoints, resultCount, type QueryReader } from './queries.ts';
import { reading, type Reading } from './read-consistency.ts';
import { fromPayloadSelector, fromPointsSelector, fromVectorSelector } from './selectors.ts';

interface Write {
  readonly collectionName: string;
  readonly wait?: boolean | undefined;
}

export function pointHandlers(database: Database, limits: RequestLimits, handle: Handle): ServiceHandlers<typeof Points> {
  const write = async ({ collectionName, wait = false }: Write, operation: WriteOperation, context: RequestContext) => ({
    result: toUpdateResult(await database.write(collectionName, operation, { ...context, wait })),
  });
  /** Reads all before it asks for any, so that a batch with one bad search does nothing. */
  const search = async <M extends Reading>(
    name: string,
    messages: readonly M[],
    read: (message: M, reader: QueryReader) => QueryRequest,
    context: RequestContext,
  ) => {
    if (messages.length > limits.searchesPerBatch) throw limitExceeded('searches', messages.length, limits.searchesPerBatch);
    const reader = { collection: database.collectionConfig(name), limits };
    const requests = messages.map((message) => read(message, reader));
    const results = await Promise.all(
      requests.map(async (request, index) => database.query(name, request, reading(messages[index] ?? {}, context))),
    );
    return results.map((found) => ({ result: found.map(toScoredPoint) }));
  };
  return {
    upsert: handle('upsert points', async (request: UpsertPoints, context) => {
      const points = fromUpsert(request, database.collectionConfig(request.collectionName), limits);
      return write(request, { kind: 'upsert', points }, context);
    }),
    delete: handle('delete points', async (request: DeletePoints, context) => {
      refuseShardKey(request);
      return write(request, { kind: 'delete', selection: fromPointsSelector(request.points, limits) }, context);
    }),
    setPayload: handle('set payload', async (request: SetPayloadPoints, context) => {
      refuseShardKey(request);
      if (request.key !== undefined) throw unsupportedField('key');
      const selection = fromPointsSelector(request.pointsSelector, limits);
      return write(request, { kind: 'set-payload', selection, payload: checkPayload(fromFields(request.payload), limits) }, context);
    }),
    get: handle('retrieve points', async (request: GetPoints, context) => {
      refuseShardKey(request);
      const withVectors = fromVectorSelector(request.withVectors);
      requireVectorNames(database.collectionConfig(request.collectionName), withVectors);
      const retrieve = { ids: request.ids.map(fromPointId), withPayload: fromPayloadSelector(request.withPayload, true), withVectors };
      const found = await database.retrieve(request.collectionName, retrieve, reading(request, context));
      return { result: found.map(toRetrievedPoint) };
    }),
    scroll: handle('scroll points', async (request: ScrollPoints, context) => {
      refuseShardKey(request);
      if (request.orderBy !== undefined) throw unsupportedField('order_by');
      const limit = resultCount(request.limit ?? 10, 1, 'limit');
      checkResultCount(limit, 0, limits.scrollResults);
      const withVectors = fromVectorSelector(request.withVectors);
      requireVectorNames(database.collectionConfig(request.collectionName), withVectors);
      const from = request.offset === undefined ? undefined : fromPointId(request.offset);
      const scroll = {
        filter: fromFilter(request.filter, limits),
        from,
        limit,
        withPayload: fromPayloadSelector(request.withPayload, true),
        withVectors,
      };
      const { points, nextPageOffset } = await database.scroll(request.collectionName, scroll, reading(request, context));
      const result = points.map(toRetrievedPoint);
      return nextPageOffset === undefined ? { result } : { result, nextPageOffset: toPointId(nextPageOffset) };
    }),
    count: handle('count points', async (request: CountPoints, context) => {
      refuseShardKey(request);
      const count = await database.count(request.collectionName, { filter: fromFilter(request.filter, limits) }, reading(request, context));
      return { result: { count: BigInt(count) } };
    }),
    query: handle('query points', async (request: QueryPoints, context) => {
      const [found] = await search(request.collectionName, [request], fromQueryPoints, context);
      return { result: found?.result ?? [] };
    }),
    queryBatch: handle('query points in a batch', async ({ collectionName, queryPoints, readConsistency }: QueryBatchPoints, context) => ({
      result: await search(collectionName, queryPoints, fromQueryPoints, reading({ readConsistency }, context)),
    })),
    search: handle('search points', async (request: SearchPoints, context) => {
      const [found] = await search(request.collectionName, [request], fromSearchPoints, context);
      return { result: found?.result ?? [] };
    }),
    searchBatch: handle(
      'search points in a batch',
      async ({ collectionName, searchPoints, readConsistency }: SearchBatchPoints, context) => ({
        result: await search(collectionName, searchPoints, fromSearchPoints, reading({ readConsistency }, context)),
      }),
    ),
  };
}

function refuseShardKey({ shardKeySelector }: { readonly shardKeySelector?: object | undefined }): void {
  if (shardKeySelector !== undefined) throw unsupportedField('shard_key_selector');
}
