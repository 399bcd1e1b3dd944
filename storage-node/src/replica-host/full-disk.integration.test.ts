import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InsufficientSpaceError } from '@vectorcluster/engine/documents/documents-errors.ts';
import { status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { alone, leadAlone } from '../../test/lead-alone.ts';
import { SmallDisk, whyNoSmallDisk } from '../../test/small-disk.ts';
import { InsufficientStorageError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { edgeError } from '../rpc/errors.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { openReplicaHost, type ReplicaHost } from './replica-host.ts';
import { unlimitedCaches } from '../../test/caches.ts';

const mebibyte = 1024 * 1024;
const whyNot = await whyNoSmallDisk();
const config: CollectionConfig = { vectors: new Map([['', { size: 4, distance: 'Euclid', m: 8, efConstruct: 32 }]]) };

async function folderOf(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
  stack.defer(async () => await rm(folder, { recursive: true }));
  return folder;
}

const openHost = (dataDirectory: string, onFatal: (error: unknown) => void): Promise<ReplicaHost> =>
  openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory,
    owner: { namespace: 'test', cluster: 'host', clusterUid: 'uid-of-host' },
    logger: pino({ level: 'silent' }),
    newReplicaId: () => 'ab'.repeat(16),
    onFatal,
  });

async function lead(host: ReplicaHost): Promise<LocalReplica> {
  const { replica, epochOnDisk } = await host.open('one', alone(config));
  await leadAlone(replica, epochOnDisk + 1n);
  return replica;
}

const upsert = (id: number): WriteOperation => ({
  kind: 'upsert',
  points: [
    { id: BigInt(id), vectors: new Map([['', Float32Array.of(id, 1, 2, 3)]]), payload: { text: randomBytes(100_000).toString('hex') } },
  ],
});

/** Writes until one is not acknowledged; how many were, and why. */
async function writeUntilRefused(replica: LocalReplica, most: number): Promise<readonly [acknowledged: number, reason: unknown]> {
  for (let id = 0; id < most; id += 1) {
    try {
      await replica.write(upsert(id), `r${id}`, 'applied');
    } catch (error) {
      return [id, error];
    }
  }
  return [most, undefined];
}

async function shown(folder: string): Promise<number> {
  await using host = await openHost(folder, (error) => expect.fail(String(error)));
  const replica = await lead(host);
  await expect.poll(() => replica.servingEpoch).toBeDefined();
  const answers = (await replica.count({}, { kind: 'eventual' })).value;
  await replica.write(upsert(100_000), 'after', 'applied');
  return answers;
}

test('a disk that is nearly full takes no writes until there is space again', async ({ skip }) => {
  skip(whyNot !== undefined, whyNot);
  await using stack = new AsyncDisposableStack();
  const disk = stack.use(await SmallDisk.mount(await folderOf(stack), 32));
  const host = stack.use(await openHost(disk.path, (error) => expect.fail(String(error))));
  const replica = await lead(host);
  await replica.write(upsert(0), 'r0', 'applied');
  await disk.fill(2 * mebibyte);
  let tries = 0;
  const write = async () => await replica.write(upsert(1), `try ${(tries += 1)}`, 'applied').catch((error: unknown) => error);
  await expect.poll(write, { timeout: 10_000, interval: 200 }).toBeInstanceOf(InsufficientStorageError);
  expect(edgeError(await write())).toMatchObject({ http: 507, grpc: status.RESOURCE_EXHAUSTED });
  expect((await replica.count({}, { kind: 'eventual' })).value).toBeGreaterThan(0);
  await disk.free();
  await expect.poll(write, { timeout: 10_000, interval: 200 }).toMatchObject({ epoch: 1n });
});

test('a disk that is full at once ends the process; what was acknowledged is there when it has space again', async ({ skip }) => {
  skip(whyNot !== undefined, whyNot);
  await using stack = new AsyncDisposableStack();
  const disk = stack.use(await SmallDisk.mount(await folderOf(stack), 32));
  const fatal: unknown[] = [];
  const host = await openHost(disk.path, (error) => fatal.push(error));
  const replica = await lead(host);
  await replica.write(upsert(0), 'r0', 'applied');
  await disk.fill(mebibyte);
  const [acknowledged, reason] = await writeUntilRefused(replica, 1_000);
  expect(reason).toBeInstanceOf(Error);
  expect(acknowledged).toBeLessThan(1_000);
  await expect.poll(() => fatal.length).toBeGreaterThan(0);
  await host[Symbol.asyncDispose]().catch(() => {});
  await disk.free();
  expect(await shown(disk.path)).toBeGreaterThanOrEqual(Math.max(1, acknowledged));
});

test('documents that meet a full disk lose nothing that the log has', async ({ skip }) => {
  skip(whyNot !== undefined, whyNot);
  await using stack = new AsyncDisposableStack();
  const folder = await folderOf(stack);
  const disk = stack.use(await SmallDisk.mount(join(folder, 'documents'), 12));
  const fatal: unknown[] = [];
  const host = await openHost(folder, (error) => fatal.push(error));
  const [acknowledged, reason] = await writeUntilRefused(await lead(host), 1_000);
  expect(reason).toBeInstanceOf(Error);
  expect(acknowledged).toBeGreaterThan(0);
  expect(fatal[0]).toBeInstanceOf(InsufficientSpaceError);
  await host[Symbol.asyncDispose]().catch(() => {});
  await disk.grow(256);
  expect(await shown(folder)).toBeGreaterThanOrEqual(acknowledged);
});
