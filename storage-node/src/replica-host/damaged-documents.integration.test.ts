import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alone, leadAlone } from '../../test/lead-alone.ts';
import { ShardUnavailableError } from '../errors.ts';
import { ReplicaDamagedError } from '../membership/shard-host.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { openReplicaHost, type ReplicaHost } from './replica-host.ts';
import { unlimitedCaches } from '../../test/caches.ts';

const config: CollectionConfig = { vectors: new Map([['', { size: 4, distance: 'Euclid', m: 8, efConstruct: 32 }]]) };
const level: ReadLevel = { kind: 'eventual' };
const shards = ['one', 'two'];
const points = 300;
let folder: string;
let replicaIds = 0;
let progress: string[];

beforeEach(async () => {
  progress = [];
  folder = await mkdtemp(join(tmpdir(), 'damaged-documents-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const openHost = (onFatal: (error: unknown) => void = () => {}): Promise<ReplicaHost> =>
  openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory: folder,
    owner: { namespace: 'test', cluster: 'host', clusterUid: 'uid-of-host' },
    logger: pino({ level: 'silent' }),
    onProgress: (what) => progress.push(what),
    newReplicaId: () => (++replicaIds).toString(16).padStart(32, '0'),
    onFatal,
  });

async function lead(host: ReplicaHost, shard: string): Promise<LocalReplica> {
  const { replica, epochOnDisk } = await host.open(shard, alone(config));
  await leadAlone(replica, epochOnDisk + 1n);
  return replica;
}

const upsert = (from: number, count: number): WriteOperation => ({
  kind: 'upsert',
  points: Array.from({ length: count }, (_, index) => ({
    id: BigInt(from + index),
    vectors: new Map([['', Float32Array.of(from + index, 1, 2, 3)]]),
    payload: { text: randomBytes(500).toString('hex') },
  })),
});

async function fill(): Promise<void> {
  await using host = await openHost();
  for (const shard of shards) await (await lead(host, shard)).write(upsert(0, points), `fill ${shard}`, 'applied');
}

/** In the middle of the first quarter of the largest file: in a block of points of one of the replicas. */
async function flipBytes(): Promise<void> {
  const documents = join(folder, 'documents');
  const files = (await readdir(documents)).filter((name) => name.endsWith('.sst')).map((name) => join(documents, name));
  const sizes = await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const));
  const [largest] = sizes.toSorted(([, a], [, b]) => b - a);
  if (largest === undefined) throw new Error('nothing was flushed');
  await using file = await open(largest[0], 'r+');
  await file.write(randomBytes(16), 0, 16, Math.floor(largest[1] / 4));
}

function isDamaged(each: PromiseSettledResult<unknown> | undefined): boolean {
  return each?.status === 'rejected' && each.reason instanceof ReplicaDamagedError;
}

/** Which shard cannot be opened, and which can. */
async function damagedAndWhole(host: ReplicaHost): Promise<readonly [string | undefined, string | undefined]> {
  const opened = await Promise.allSettled(shards.map(async (shard) => await host.open(shard, alone(config))));
  const damaged = shards.filter((_, index) => isDamaged(opened[index]));
  expect(damaged.length).toBe(1);
  return [damaged[0], shards.find((shard) => !damaged.includes(shard))];
}

test('a damaged file costs the replica that has data in it, and the next process goes on with the others', async () => {
  await fill();
  await flipBytes();
  const acknowledged = new Map(shards.map((shard) => [shard, points]));
  let failure: unknown;
  for (let tries = 0; tries < 10 && failure === undefined; tries += 1) {
    try {
      await using host = await openHost((error) => (failure ??= error));
      for (const shard of shards) {
        const written = acknowledged.get(shard) ?? 0;
        await (await lead(host, shard)).write(upsert(written, 10), `more ${written}`, 'committed');
        acknowledged.set(shard, written + 10);
      }
    } catch (error) {
      failure ??= error;
    }
  }
  expect(await readdir(folder)).toContain('documents-damaged');

  await using mended = await openHost((error) => expect.fail(String(error)));
  expect(progress).toContain(`damaged documents are being copied: 1 of ${shards.length} replicas`);
  const [damaged, whole] = await damagedAndWhole(mended);
  const replica = await lead(mended, whole ?? '');
  const written = acknowledged.get(whole ?? '') ?? 0;
  await expect.poll(async () => (await replica.count({}, level)).value).toBeGreaterThanOrEqual(written);
  const found = await replica.retrieve({ ids: [0n, BigInt(written - 1)], withPayload: true, withVectors: true }, level);
  expect(found.value.map(({ id }) => id)).toEqual([0n, BigInt(written - 1)]);
  await replica.write(upsert(written + 10, 10), 'after', 'applied');

  expect(await readdir(folder)).toContain('documents.damaged');
  await mended.drop(damaged ?? '');
  expect(await readdir(folder)).not.toContain('documents.damaged');
  expect((await (await lead(mended, damaged ?? '')).count({}, level)).value).toBe(0);
});

test('a database that cannot be opened is set aside, and every replica of it is told of as damaged', async () => {
  await fill();
  const documents = join(folder, 'documents');
  for (const name of await readdir(documents)) {
    if (!name.endsWith('.sst')) continue;
    await using file = await open(join(documents, name), 'r+');
    await file.truncate(100);
  }
  await using host = await openHost();
  for (const shard of shards) await expect(host.open(shard, alone(config))).rejects.toThrow(ReplicaDamagedError);
  expect(await readdir(folder)).toContain('documents.damaged');
});

test('a read that meets damage is answered by another copy, and this one is barred', async () => {
  await fill();
  await using host = await openHost();
  const replicas = await Promise.all(shards.map((shard) => lead(host, shard)));
  await flipBytes();
  const ids = Array.from({ length: points }, (_, id) => BigInt(id));
  const read = async (replica: LocalReplica) => await replica.retrieve({ ids, withPayload: true, withVectors: false }, level);
  const answers = await Promise.allSettled(replicas.map(read));
  const [refused] = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refused).toBeInstanceOf(ShardUnavailableError);
  expect(replicas.filter(({ damage }) => damage !== undefined).length).toBe(1);
});
