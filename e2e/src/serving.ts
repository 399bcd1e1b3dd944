import { setTimeout as sleep } from 'node:timers/promises';
import type { QdrantClient } from '@qdrant/js-client-rest';

const backWithinMs = 30_000;

/** Until every shard answers: an exact count asks all of them. */
export async function untilServing(client: QdrantClient, collection: string): Promise<void> {
  const giveUpMs = performance.now() + backWithinMs;
  for (;;) {
    try {
      await client.count(collection, { exact: true });
      return;
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await sleep(20);
    }
  }
}
