/** Creates the collection and fills it, by the stock REST client. */
import type { QdrantClient } from '@qdrant/js-client-rest';
import { dimension, type Dictionary } from './data.ts';
import { progress } from './terminal.ts';

export const collection = 'dictionary';
export const copies = 3;
const shards = 6;
const batchSize = 250;
const writers = 3;

export interface LoadReport {
  readonly points: number;
  readonly loadedMs: number;
}

export async function load(client: QdrantClient, dictionary: Dictionary, onCreated: (createdMs: number) => void): Promise<LoadReport> {
  const createStart = performance.now();
  await client.createCollection(collection, {
    vectors: { size: dimension, distance: 'Cosine' },
    shard_number: shards,
    replication_factor: copies,
  });
  onCreated(performance.now() - createStart);

  const bar = progress('loading', dictionary.words.length);
  const loadStart = performance.now();
  let next = 0;
  let done = 0;
  const writer = async (): Promise<void> => {
    for (let from = next; from < dictionary.words.length; from = next) {
      next = from + batchSize;
      const words = dictionary.words.slice(from, next);
      await client.upsert(collection, {
        wait: true,
        points: words.map((payload, index) => ({ id: from + index, vector: dictionary.vector(from + index), payload })),
      });
      done += words.length;
      bar.update(done);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  bar.stop();
  return { points: done, loadedMs: performance.now() - loadStart };
}
