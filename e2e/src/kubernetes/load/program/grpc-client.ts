import assert from 'node:assert/strict';
import type { QdrantClient } from '@qdrant/js-client-grpc';
import { nameOf, vectorOf } from '../../points.ts';
import type { StockClient } from './stock-client.ts';

const pointId = (id: number) => ({ pointIdOptions: { case: 'num', value: BigInt(id) } }) as const;
const withPayload = { selectorOptions: { case: 'enable', value: true } } as const;

export function overGrpc(client: QdrantClient, collectionName: string): StockClient {
  const points = client.api('points');
  return {
    wire: 'gRPC',
    write: async (id) => {
      const vector = { vector: { case: 'dense', value: { data: vectorOf(id) } } } as const;
      const payload = { name: { kind: { case: 'stringValue', value: nameOf(id) } } } as const;
      const point = { id: pointId(id), vectors: { vectorsOptions: { case: 'vector', value: vector } }, payload } as const;
      await points.upsert({ collectionName, wait: true, points: [point] });
    },
    retrieve: async (id) => {
      const [point] = (await points.get({ collectionName, ids: [pointId(id)], withPayload })).result;
      assert.deepEqual({ id: numberOf(point), name: point?.payload['name']?.kind.value }, { id, name: nameOf(id) });
    },
    search: async (id) => {
      const nearest = { case: 'nearest', value: { variant: { case: 'dense', value: { data: vectorOf(id) } } } } as const;
      const answer = await points.query({ collectionName, query: { variant: nearest }, params: { exact: true }, limit: 1n });
      assert.equal(numberOf(answer.result[0]), id);
    },
  };
}

function numberOf(point: { readonly id?: { readonly pointIdOptions: { readonly value?: unknown } } | undefined } | undefined): number {
  return Number(point?.id?.pointIdOptions.value);
}
