/** Asks all questions over REST and gRPC, approximate and exact, and compares. */
import type { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { z } from 'zod';
import type { Question } from './data.ts';
import { collection } from './load.ts';

const limit = 10;
const payload = z.looseObject({ word: z.string(), definition: z.string(), pos: z.string(), lemmas: z.array(z.string()) });

export interface Answer {
  readonly question: Question;
  readonly hits: readonly {
    readonly id: string;
    readonly score: number;
    readonly word: string;
    readonly definition: string;
    readonly lemmas: readonly string[];
  }[];
  /** Rank of the hoped-for word among the hits, from 1; undefined when it is not there. */
  readonly rank: number | undefined;
  /** Share of the exact ten that the graph search found. */
  readonly recall: number;
  readonly restMs: number;
  readonly grpcMs: number;
}

export async function ask(rest: QdrantClient, grpc: GrpcClient, question: Question): Promise<Answer> {
  const filter = question.pos === undefined ? undefined : { must: [{ key: 'pos', match: { value: question.pos } }] };
  const query = { query: [...question.vector], limit, with_payload: true, ...(filter && { filter }) };

  const restStart = performance.now();
  const found = await rest.query(collection, query);
  const restMs = performance.now() - restStart;
  const exact = await rest.query(collection, { ...query, params: { exact: true } });

  const grpcStart = performance.now();
  const overGrpc = await grpc.api('points').query({
    collectionName: collection,
    query: { variant: { case: 'nearest', value: { variant: { case: 'dense', value: { data: [...question.vector] } } } } },
    limit: BigInt(limit),
    ...(question.pos !== undefined && {
      filter: {
        must: [
          { conditionOneOf: { case: 'field', value: { key: 'pos', match: { matchValue: { case: 'keyword', value: question.pos } } } } },
        ],
      },
    }),
  });
  const grpcMs = performance.now() - grpcStart;

  const hits = found.points.map(({ id, score, payload: raw }) => ({ id: String(id), score, ...payload.parse(raw) }));
  const overGrpcIds = overGrpc.result.map((point) => String(point.id?.pointIdOptions.value));
  if (overGrpcIds.join() !== hits.map((hit) => hit.id).join()) {
    throw new Error(
      `REST and gRPC answer differently to "${question.question}": ${hits.map((hit) => hit.id).join()} and ${overGrpcIds.join()}`,
    );
  }
  const wrong = hits.find((hit) => question.pos !== undefined && hit.pos !== question.pos);
  if (wrong) throw new Error(`the filter pos = ${question.pos} let "${wrong.word}" through`);
  const lowest = exact.points.at(-1)?.score ?? 0;
  const rank = hits.findIndex((hit) => hit.lemmas.includes(question.answer));
  return {
    question,
    hits,
    rank: rank < 0 ? undefined : rank + 1,
    // By score, not by id: points of equal score are equally right.
    recall: hits.filter((hit) => hit.score >= lowest - 1e-5).length / Math.max(1, exact.points.length),
    restMs,
    grpcMs,
  };
}
