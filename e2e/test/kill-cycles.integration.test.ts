/**
 * Promise: an acknowledged write is never lost. Storage nodes are killed with SIGKILL at random moments while clients upsert and delete;
 * afterwards every acknowledged write is there, every acknowledged delete is gone, and nothing is half a batch.
 *
 * CYCLES=50 SEED=7 vitest run --project integration e2e/test/kill-cycles
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { QdrantClient } from '@qdrant/js-client-rest';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shardLookup } from '../src/faults/shard-lookup.ts';
import { violations } from '../src/history.ts';
import { LocalClusterUnderTest, namespace } from '../src/local-cluster-under-test.ts';
import { untilServing } from '../src/serving.ts';
import { SlotWriter } from '../src/slot-writer.ts';

const cycles = Number(process.env['CYCLES'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const collection = 'history';
const dimension = 16;
const writers = 4;

test(`acknowledged writes survive ${cycles} kills (SEED=${seed})`, { timeout: 60_000 + cycles * 30_000 }, async () => {
  const generator = xorshift128plus(seed);
  const random = (): number => uniformFloat64(generator);
  await using cluster = await LocalClusterUnderTest.start();
  const client = new QdrantClient({ url: await cluster.url(), checkCompatibility: false });
  await client.createCollection(collection, {
    vectors: { size: dimension, distance: 'Dot' },
    shard_number: 6,
    replication_factor: 1,
  });

  const stop = new AbortController();
  const clients = Array.from({ length: writers }, (_, index) => {
    return new SlotWriter({ client, collection, dimension, firstId: index * 10_000_000, random });
  });
  const writing = Promise.all(clients.map((each) => each.run(stop.signal)));
  for (let cycle = 0; cycle < cycles; cycle++) {
    await sleep(random() * 1500);
    const pids = [...(await cluster.storageNodes()).values()].toSorted((a, b) => a - b);
    const pid = pids[Math.floor(random() * pids.length)];
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await untilServing(client, collection);
  }
  await sleep(1000);
  stop.abort();
  await writing;
  await untilServing(client, collection);

  const slots = clients.flatMap((each) => each.slots);
  const stored = await generations(
    client,
    slots.flatMap((slot) => slot.ids),
  );
  const found = violations(slots, stored, await shardLookup((await cluster.kube.list(vectorShards, { namespace })).items));
  if (found.length > 0) await cluster.keepLogs(`.cache/kill-cycles-${seed}`);
  expect(found).toEqual([]);
  const acknowledged = clients.reduce((sum, each) => sum + each.acknowledged, 0);
  const failed = clients.reduce((sum, each) => sum + each.failed, 0);
  process.stdout.write(
    `${cycles} kills: ${acknowledged} batches acknowledged, ${failed} failed, ${slots.length} slots compared, 0 violations\n`,
  );
  expect(acknowledged).toBeGreaterThan(cycles);
});

const payload = z.strictObject({ generation: z.int() });

async function generations(client: QdrantClient, ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const stored = new Map<number, number>();
  for (let from = 0; from < ids.length; from += 2000) {
    const points = await client.retrieve(collection, { ids: ids.slice(from, from + 2000), with_payload: true });
    for (const point of points) stored.set(Number(point.id), payload.parse(point.payload).generation);
  }
  return stored;
}
