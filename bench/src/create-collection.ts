/**
 * How long a client waits for a new collection of 6 shards on 3 local nodes, and for its deletion.
 *
 *   node bench/src/create-collection.ts [rounds, default 200]
 */
import { QdrantClient } from '@qdrant/js-client-rest';
import { LocalClusterUnderTest } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { distribution } from './distribution.ts';

const rounds = Number(process.argv[2] ?? 200);
const created: number[] = [];
const deleted: number[] = [];

await using cluster = await LocalClusterUnderTest.start();
const client = new QdrantClient({ url: await cluster.url(), checkCompatibility: false });
for (let round = 0; round < rounds; round++) {
  const name = `round-${round}`;
  const start = performance.now();
  await client.createCollection(name, { vectors: { size: 384, distance: 'Cosine' }, shard_number: 6, replication_factor: 1 });
  const middle = performance.now();
  await client.deleteCollection(name);
  created.push(middle - start);
  deleted.push(performance.now() - middle);
}
process.stdout.write(`create, 6 shards on 3 nodes: ${distribution(created)}\n`);
process.stdout.write(`delete:                      ${distribution(deleted)}\n`);
