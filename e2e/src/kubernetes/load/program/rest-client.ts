import assert from 'node:assert/strict';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { nameOf, pointsFrom, vectorOf } from '../../points.ts';
import type { StockClient } from './stock-client.ts';

export function overRest(client: QdrantClient, collection: string): StockClient {
  return {
    wire: 'REST',
    write: async (id) => void (await client.upsert(collection, { wait: true, points: pointsFrom(id, 1) })),
    retrieve: async (id) => {
      const [point] = await client.retrieve(collection, { ids: [id], with_payload: true });
      assert.deepEqual({ id: point?.id, name: point?.payload?.['name'] }, { id, name: nameOf(id) });
    },
    search: async (id) => {
      const [nearest] = (await client.query(collection, { query: vectorOf(id), params: { exact: true }, limit: 1 })).points;
      assert.equal(nearest?.id, id);
    },
  };
}
