import { access, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { alone, leadAlone } from '../../test/lead-alone.ts';
import { openReplicaHost, type ReplicaHost } from './replica-host.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import { unlimitedCaches } from '../../test/caches.ts';

const level: ReadLevel = { kind: 'eventual' };

const config: CollectionConfig = { vectors: new Map([['', { size: 4, distance: 'Euclid', m: 8, efConstruct: 32 }]]) };
const surroundings = alone(config);
const folders: string[] = [];
let replicaIds = 0;

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replica-host-'));
  folders.push(folder);
  return folder;
}

function openHost(dataDirectory: string): Promise<ReplicaHost> {
  return openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory,
    owner: { namespace: 'test', cluster: 'host', clusterUid: 'uid-of-host' },
    logger: pino({ level: 'silent' }),
    newReplicaId: () => (++replicaIds).toString(16).padStart(32, '0'),
    onFatal: (error) => {
      throw error;
    },
  });
}

async function openPrimary(host: ReplicaHost, shard: string): Promise<LocalReplica> {
  const { replica, epochOnDisk } = await host.open(shard, surroundings);
  await leadAlone(replica, epochOnDisk + 1n);
  return replica;
}

const vectorOf = (id: number): Float32Array => Float32Array.of(id, id % 7, id % 11, 1);

function upsert(from: number, count: number): WriteOperation {
  const ids = Array.from({ length: count }, (_, index) => from + index);
  return { kind: 'upsert', points: ids.map((id) => ({ id: BigInt(id), vectors: new Map([['', vectorOf(id)]]), payload: { id } })) };
}

async function nearest(shard: ServedShard, id: number): Promise<readonly unknown[]> {
  const request = { vectorName: '', vector: vectorOf(id), params: { exact: false }, limit: 1, withPayload: true, withVectors: false };
  return (await shard.search(request, level)).value.map((hit) => [hit.id, hit.payload]);
}

test('a process that starts again has everything, and writes only in a higher epoch', async () => {
  const folder = await makeFolder();
  const first = await openHost(folder);
  const { replicaId } = (await first.open('one', surroundings)).replica;
  await (await openPrimary(first, 'one')).write(upsert(0, 100), 'r1', 'applied');
  await first[Symbol.asyncDispose]();

  const second = await openHost(folder);
  expect(second.shards).toEqual(['one']);
  const reopened = await second.open('one', surroundings);
  expect([reopened.replica.replicaId, reopened.epochOnDisk]).toEqual([replicaId, 1n]);
  expect((await reopened.replica.count({}, level)).value).toBe(100);
  await expect(reopened.replica.write(upsert(100, 1), 'r2', 'applied')).rejects.toThrow(NotPrimaryError);
  await leadAlone(reopened.replica, 2n);
  expect(await reopened.replica.write(upsert(0, 100), 'r1', 'applied')).toEqual({ epoch: 1n, sequence: 1n });
  expect(await reopened.replica.write(upsert(100, 1), 'r2', 'applied')).toEqual({ epoch: 2n, sequence: 2n });
  expect(await nearest(reopened.replica, 100)).toEqual([[100n, { id: 100 }]]);
  await second[Symbol.asyncDispose]();
});

test('saved segments spare building graphs, and are built again when they are damaged or lost', async () => {
  const folder = await makeFolder();
  const points = 3_000;
  const segments = join(folder, 'replicas', 'one', 'segments');
  const fill = await openHost(folder);
  const filled = await openPrimary(fill, 'one');
  for (let from = 0; from < points; from += 500) await filled.write(upsert(from, 500), `fill-${from}`, 'applied');
  await filled.write({ kind: 'delete', selection: { kind: 'ids', ids: [7n] } }, 'delete', 'applied');
  await expect.poll(async () => (await filled.stats()).indexedVectors).toBe(points);
  await fill[Symbol.asyncDispose]();
  expect(await readdir(segments)).toEqual(['0-0.segment']);

  const restored = await openHost(folder);
  const shard = (await restored.open('one', surroundings)).replica;
  expect(await shard.stats()).toEqual({ points: points - 1, vectors: points, indexedVectors: points, segments: 1 });
  expect(await nearest(shard, 2_999)).toEqual([[2_999n, { id: 2_999 }]]);
  expect(await nearest(shard, 7)).not.toEqual([[7n, { id: 7 }]]);
  await leadAlone(shard, 2n);
  await shard.write(upsert(points, 10), 'more', 'applied');
  expect(await nearest(shard, points + 3)).toEqual([[BigInt(points + 3), { id: points + 3 }]]);
  await restored[Symbol.asyncDispose]();

  await writeFile(join(segments, '0-0.segment'), 'damaged');
  const rebuilt = await openHost(folder);
  const again = (await rebuilt.open('one', surroundings)).replica;
  expect(await again.stats()).toMatchObject({ points: points + 9, vectors: points + 9 });
  expect(await nearest(again, 2_999)).toEqual([[2_999n, { id: 2_999 }]]);
  await rebuilt[Symbol.asyncDispose]();
});

test('a dropped replica leaves nothing, and a new one of the shard begins empty', async () => {
  const folder = await makeFolder();
  const host = await openHost(folder);
  const shard = await openPrimary(host, 'one');
  await (await openPrimary(host, 'two')).write(upsert(0, 3), 'r1', 'applied');
  await shard.write(upsert(0, 5), 'r1', 'applied');
  const { replicaId } = (await host.open('one', surroundings)).replica;
  const reading = shard.scroll({ limit: 10, withPayload: true, withVectors: true }, level);
  await host.drop('one');
  expect((await reading).value).toHaveLength(5);
  await expect(shard.count({}, level)).rejects.toThrow(ShardUnavailableError);
  await expect(shard.write(upsert(0, 5), 'r2', 'applied')).rejects.toThrow(NotPrimaryError);
  expect([host.shards, await readdir(join(folder, 'replicas'))]).toEqual([['two'], ['two']]);

  const anew = await host.open('one', surroundings);
  expect(anew.replica.replicaId).not.toBe(replicaId);
  expect(anew.epochOnDisk).toBe(0n);
  await expect(anew.replica.count({}, level)).rejects.toThrow('it is empty still');
  await leadAlone(anew.replica, 1n);
  expect((await anew.replica.count({}, level)).value).toBe(0);
  expect((await (await host.open('two', surroundings)).replica.count({}, level)).value).toBe(3);
  await host.drop('never there');
  await host[Symbol.asyncDispose]();
});

test('replicas whose deletion was cut short are deleted at the next start', async () => {
  const folder = await makeFolder();
  const first = await openHost(folder);
  await (await openPrimary(first, 'one')).write(upsert(0, 5), 'r1', 'applied');
  await (await openPrimary(first, 'two')).write(upsert(0, 3), 'r1', 'applied');
  const { replicaId } = (await first.open('one', surroundings)).replica;
  await first[Symbol.asyncDispose]();
  await rename(join(folder, 'replicas', 'one'), join(folder, 'replicas', `${replicaId}.dropped`));

  const second = await openHost(folder);
  expect([second.shards, await readdir(join(folder, 'replicas'))]).toEqual([['two'], ['two']]);
  expect((await (await second.open('two', surroundings)).replica.count({}, level)).value).toBe(3);
  expect((await (await openPrimary(second, 'one')).count({}, level)).value).toBe(0);
  await second[Symbol.asyncDispose]();
});

test('a replica whose folder is gone is not taken for a dropped one', async () => {
  const folder = await makeFolder();
  const host = await openHost(folder);
  await (await openPrimary(host, 'one')).write(upsert(0, 5), 'r1', 'applied');
  await host[Symbol.asyncDispose]();
  await rename(join(folder, 'replicas', 'one'), join(folder, 'aside'));
  await expect(openHost(folder)).rejects.toThrow('has lost the folders of 1 replicas that the log holds');

  await rename(join(folder, 'aside'), join(folder, 'replicas', 'one'));
  const restored = await openHost(folder);
  expect((await (await restored.open('one', surroundings)).replica.count({}, level)).value).toBe(5);
  await restored[Symbol.asyncDispose]();
});

test('log and documents of different times are refused with what to do', async () => {
  const folder = await makeFolder();
  const host = await openHost(folder);
  await (await openPrimary(host, 'one')).write(upsert(0, 5), 'r1', 'applied');
  await host[Symbol.asyncDispose]();
  for (const name of await readdir(join(folder, 'log'))) await rm(join(folder, 'log', name));
  await expect(openHost(folder)).rejects.toThrow('has lost log/: it was deleted in part');

  await writeFile(join(folder, 'log', '000000000001.log'), '');
  const reopened = await openHost(folder);
  await expect(reopened.open('one', surroundings)).rejects.toThrow('the documents reach write 1, the log only 0');
  await reopened[Symbol.asyncDispose]();
});

test('a saved segment that is removed while its replica runs is saved again at the end', async () => {
  const folder = await makeFolder();
  const saved = join(folder, 'replicas', 'one', 'segments', '0-0.segment');
  const fill = await openHost(folder);
  const filled = await openPrimary(fill, 'one');
  for (let from = 0; from < 2_000; from += 500) await filled.write(upsert(from, 500), `fill-${from}`, 'applied');
  await expect.poll(async () => (await filled.stats()).indexedVectors).toBe(2_000);
  await fill[Symbol.asyncDispose]();
  const again = await openHost(folder);
  await again.open('one', surroundings);
  await rm(saved);
  await again[Symbol.asyncDispose]();
  await expect(access(saved)).resolves.toBeUndefined();
});
