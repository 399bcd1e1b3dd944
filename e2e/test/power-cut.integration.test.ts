/** Promise: everything may end at once, API server and operator included, and nothing acknowledged is lost. */
import { QdrantClient } from '@qdrant/js-client-rest';
import { expect, test } from 'vitest';
import { untilServing } from '../src/serving.ts';
import { LocalClusterUnderTest } from '../src/local-cluster-under-test.ts';

const dimension = 8;
const points = 2000;

test('a cluster comes back with all its data after every process was killed', { timeout: 180_000 }, async () => {
  await using cluster = await LocalClusterUnderTest.start();
  const client = new QdrantClient({ url: await cluster.url(), checkCompatibility: false });
  await client.createCollection('kept', { vectors: { size: dimension, distance: 'Euclid' }, shard_number: 6 });
  const vector = (id: number): number[] => Array.from({ length: dimension }, (_, axis) => Math.cos(id + axis));
  for (let from = 0; from < points; from += 500) {
    const ids = Array.from({ length: 500 }, (_, index) => from + index);
    await client.upsert('kept', { wait: true, points: ids.map((id) => ({ id, vector: vector(id), payload: { id } })) });
  }
  await client.delete('kept', { wait: true, filter: { must: [{ key: 'id', range: { gte: 1000, lt: 1100 } }] } });
  await client.updateCollectionAliases({ actions: [{ create_alias: { collection_name: 'kept', alias_name: 'also' } }] });

  await cluster.cutPower();
  await cluster.powerOn();
  await untilServing(client, 'also');

  expect((await client.count('also', { exact: true })).count).toBe(points - 100);
  const [nearest] = (await client.query('also', { query: vector(1234), limit: 1, with_payload: true })).points;
  expect(nearest).toMatchObject({ id: 1234, score: 0, payload: { id: 1234 } });
  expect(await client.retrieve('also', { ids: [1050] })).toEqual([]);
  await client.upsert('also', { wait: true, points: [{ id: 1050, vector: vector(1050), payload: { id: 1050 } }] });
  expect((await client.count('kept', { exact: true })).count).toBe(points - 99);
});
