import { isDeepStrictEqual } from 'node:util';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { nameOf, vectorOf } from '../../points.ts';

const pageSize = 1_000;

/** Ids of those that are not there, or not as they were written. */
export async function lostPoints(client: QdrantClient, collection: string, acknowledged: readonly number[]): Promise<number[]> {
  const missing = new Set(acknowledged);
  let offset: unknown = 0;
  while (typeof offset === 'number') {
    const page = await client.scroll(collection, { limit: pageSize, offset, with_payload: true, with_vector: true });
    for (const { id, payload, vector } of page.points) {
      const isAsWritten = typeof id === 'number' && payload?.['name'] === nameOf(id) && isDeepStrictEqual(vector, vectorOf(id));
      if (isAsWritten) missing.delete(id);
    }
    offset = page.next_page_offset;
  }
  return [...missing];
}
