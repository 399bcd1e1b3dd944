/** Writes point after point through a stock client until it is stopped; remembers which were acknowledged, and what failed. */
import { inspect } from 'node:util';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { pointsFrom } from './points.ts';

export interface WrittenPoints {
  readonly acknowledged: readonly number[];
  readonly failures: readonly string[];
  /** Of an acknowledged write. */
  readonly longestMs: number;
}

export function startWriting(client: QdrantClient, collection: string, first: number): { stop(): Promise<WrittenPoints> } {
  const stopping = new AbortController();
  const acknowledged: number[] = [];
  const failures: string[] = [];
  let longestMs = 0;
  const writing = (async () => {
    for (let id = first; !stopping.signal.aborted; id += 1) {
      const startedMs = performance.now();
      try {
        await client.upsert(collection, { wait: true, points: pointsFrom(id, 1) });
        acknowledged.push(id);
        longestMs = Math.max(longestMs, performance.now() - startedMs);
      } catch (error) {
        failures.push(`${id}: ${inspect(error)}`);
      }
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await writing;
      return { acknowledged, failures, longestMs };
    },
  };
}
