/** One search for several shards of one node, between the model and the peer contract. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SearchRequest as SearchMessage, SearchRequestSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { SearchRequest } from '../../model/query.ts';
import { decodeFilter, encodeFilter } from './filter-json.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import type { ShardSearch } from '../search-batches.ts';
import { decodeProjection, encodeProjection } from './projection.ts';
import { encodeLevel } from './read-level.ts';

export function encodeSearch(searches: readonly ShardSearch[], request: SearchRequest): MessageInitShape<typeof SearchRequestSchema> {
  const [first] = searches;
  const isOneLevel = searches.every(({ level }) => level === first?.level);
  return {
    shards: searches.map(({ shard }) => shard),
    levels: (isOneLevel ? searches.slice(0, 1) : searches).map(({ level }) => encodeLevel(level)),
    vectorName: request.vectorName,
    vector: packFloats(request.vector),
    exact: request.params.exact,
    limit: request.limit,
    projection: encodeProjection(request),
    ...(request.filter && { filterJson: encodeFilter(request.filter) }),
    ...(request.params.hnswEf !== undefined && { hnswEf: request.params.hnswEf }),
    ...(request.scoreThreshold !== undefined && { scoreThreshold: request.scoreThreshold }),
  };
}

export function decodeSearch(message: SearchMessage): SearchRequest {
  return {
    ...decodeProjection(message.projection),
    vectorName: message.vectorName,
    vector: unpackFloats(message.vector),
    filter: message.filterJson && decodeFilter(message.filterJson),
    params: { hnswEf: message.hnswEf, exact: message.exact },
    scoreThreshold: message.scoreThreshold,
    limit: message.limit,
  };
}
