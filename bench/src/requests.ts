/** The same search as bytes of either protocol, and the scores in either's answer. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { QueryPointsSchema, QueryResponseSchema } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import { z } from 'zod';
import { vectorOf, type DataFilter, type Dataset } from './dataset.ts';

export type Protocol = 'rest' | 'grpc';

export interface Asked {
  readonly withPayload: boolean;
  readonly filter: DataFilter | undefined;
  /** Left out: the server's default. */
  readonly hnswEf: number | undefined;
}

export const collection = 'bench';
export const k = 10;

export function searchBytes(protocol: Protocol, query: Float32Array, { withPayload, filter, hnswEf }: Asked): Buffer {
  if (protocol === 'rest') {
    const params = hnswEf === undefined ? undefined : { hnsw_ef: hnswEf };
    return Buffer.from(JSON.stringify({ query: plain(query), limit: k, with_payload: withPayload, filter: filter?.rest, params }));
  }
  const message = create(QueryPointsSchema, {
    collectionName: collection,
    query: { variant: { case: 'nearest', value: { variant: { case: 'dense', value: { data: Array.from(query) } } } } },
    limit: BigInt(k),
    withPayload: { selectorOptions: { case: 'enable', value: withPayload } },
    ...(hnswEf !== undefined && { params: { hnswEf: BigInt(hnswEf) } }),
    ...(filter && { filter: { must: [{ conditionOneOf: { case: 'field', value: { key: filter.key, ...grpcCondition(filter) } } }] } }),
  });
  return Buffer.from(toBinary(QueryPointsSchema, message));
}

function grpcCondition({ grpc }: DataFilter) {
  return 'keyword' in grpc ? { match: { matchValue: { case: 'keyword' as const, value: grpc.keyword } } } : { range: grpc.range };
}

const restAnswer = z.object({ result: z.object({ points: z.array(z.object({ score: z.number() })) }) });

export function scoresIn(protocol: Protocol, answer: Buffer): readonly number[] {
  if (protocol === 'rest') return restAnswer.parse(JSON.parse(answer.toString())).result.points.map(({ score }) => score);
  return fromBinary(QueryResponseSchema, answer).result.map(({ score }) => score);
}

/** A body of an upsert over REST. */
export function upsertBytes(data: Dataset, from: number, to: number): Buffer {
  const points = data.payloads
    .slice(from, to)
    .map((payload, index) => `{"id":${from + index},"vector":[${plain(vectorOf(data, from + index)).join(',')}],"payload":${payload}}`);
  return Buffer.from(`{"points":[${points.join(',')}]}`);
}

/** As clients send 32-bit floats: as many digits as they have. */
function plain(vector: Float32Array): readonly number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(7)));
}
