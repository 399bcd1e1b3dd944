import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { cluster, namespace, TestKubernetes, type TestPod } from '../test/kubernetes.ts';
import { openReplicaHost } from './replica-host/replica-host.ts';
import { createNodeMetrics } from './metrics.ts';
import { startStorageNode, type StorageNode } from './storage-node.ts';
import { unlimitedCaches } from '../test/caches.ts';

const names = ['shop-data-0', 'shop-data-1', 'shop-data-2'] as const;
const ports = { rest: 6333, grpc: 6334, peer: 6335, metrics: 9090 };
const folders = new Map<string, string>();
const running = new Map<string, StorageNode>();
const pods = new Map<string, TestPod>();
let kubernetes: TestKubernetes;

async function start(name: string): Promise<void> {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no Pod ${name}`);
  const dataDirectory = folders.get(name) ?? (await mkdtemp(join(tmpdir(), 'storage-node-')));
  folders.set(name, dataDirectory);
  const host = await openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory,
    owner: { namespace, cluster, clusterUid: kubernetes.clusterUid },
    logger: pino({ level: 'silent' }),
    newReplicaId: () => randomBytes(16).toString('hex'),
    onFatal: (error) => {
      throw error;
    },
  });
  const config = {
    cluster,
    clusterUid: kubernetes.clusterUid,
    namespace,
    node: name,
    podUid: pod.uid,
    zone: 'a',
    dataDirectory,
    listenHost: pod.ip,
    ports,
    logLevel: 'silent',
    shutdownGraceMs: 1,
  };
  const { client } = kubernetes;
  running.set(
    name,
    await startStorageNode({
      config,
      client,
      host,
      logger: pino({ level: 'silent' }),
      metrics: createNodeMetrics(),
      signal: new AbortController().signal,
    }),
  );
}

async function stop(name: string): Promise<void> {
  await running.get(name)?.stop();
  running.delete(name);
}

async function rest(node: string, method: string, path: string, body?: unknown): Promise<{ status: number; result: unknown }> {
  const response = await fetch(`http://${pods.get(node)?.ip}:6333${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const { result, status } = z.object({ result: z.unknown().optional(), status: z.unknown() }).parse(await response.json());
  return { status: response.status, result: result ?? status };
}

/** What a person would wait for by looking again. */
async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const giveUp = AbortSignal.timeout(20_000);
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    giveUp.throwIfAborted();
    await delay(5);
  }
}

/** Plays the operator for one collection: places its shards, and makes each the primary that registered. */
async function serve(collection: string, nodes: readonly string[]): Promise<readonly VectorShard[]> {
  const object = await eventually(() => kubernetes.collection(collection));
  const shards = await kubernetes.placeShards(object, nodes);
  await Promise.all(
    shards.map(async ({ metadata }) => {
      await eventually(async () => ((await kubernetes.shard(metadata.name)).status?.members?.length === 1 ? true : undefined));
      await kubernetes.appoint(metadata.name);
    }),
  );
  return shards;
}

const schema = { vectors: { size: 2, distance: 'Dot' }, shard_number: 6 };
const six = [...names, ...names];

beforeAll(async () => {
  kubernetes = await TestKubernetes.start();
  for (const name of names) pods.set(name, await kubernetes.addPod(name));
  await Promise.all(names.map(start));
});

afterAll(async () => {
  await Promise.all(names.map(stop));
  await kubernetes[Symbol.asyncDispose]();
  await Promise.all(Array.from(folders.values(), (folder) => rm(folder, { recursive: true })));
});

async function replicaFolders(): Promise<readonly string[]> {
  const found = await Promise.all(Array.from(folders.values(), (folder) => readdir(join(folder, 'replicas'))));
  return found.flat();
}

test('a new node is ready and alive', async () => {
  for (const probe of ['startupz', 'livez', 'readyz', 'metrics']) {
    expect((await fetch(`http://${pods.get('shop-data-1')?.ip}:9090/${probe}`)).status).toBe(200);
  }
});

describe('a collection over three nodes', () => {
  let shards: readonly VectorShard[];

  test('is made when every shard serves, and every node knows it then', async () => {
    const [created, placed] = await Promise.all([rest('shop-data-0', 'PUT', '/collections/books', schema), serve('books', six)]);
    shards = placed;
    expect(created).toEqual({ status: 200, result: true });
    for (const name of names) expect(await rest(name, 'GET', '/collections/books/exists')).toMatchObject({ result: { exists: true } });
  });

  test('cannot be made twice', async () => {
    expect(await rest('shop-data-1', 'PUT', '/collections/books', schema)).toEqual({
      status: 409,
      result: { error: 'Wrong input: Collection `books` already exists!' },
    });
  });

  test('answers the same at every node', async () => {
    const points = Array.from({ length: 50 }, (_, id) => ({ id, vector: [id, 1], payload: { n: id } }));
    expect(await rest('shop-data-1', 'PUT', '/collections/books/points?wait=true', { points })).toMatchObject({ status: 200 });
    for (const name of names) {
      const found = await rest(name, 'POST', '/collections/books/points/query', { query: [1, 0], limit: 3, with_payload: true });
      expect(found.result).toMatchObject({ points: [49, 48, 47].map((id) => ({ id, score: id, payload: { n: id } })) });
      expect(await rest(name, 'POST', '/collections/books/points/count', {})).toMatchObject({ result: { count: 50 } });
    }
  });

  test('has aliases that every node knows at once', async () => {
    const actions = [{ create_alias: { collection_name: 'books', alias_name: 'b' } }];
    expect(await rest('shop-data-2', 'POST', '/collections/aliases', { actions })).toEqual({ status: 200, result: true });
    for (const name of names) expect(await rest(name, 'POST', '/collections/b/points/count', {})).toMatchObject({ result: { count: 50 } });
    expect(await rest('shop-data-0', 'PUT', '/collections/b', schema)).toEqual({
      status: 400,
      result: { error: 'Wrong input: Alias with the same name already exists' },
    });
  });

  test('a node that starts again serves only in an epoch above all it had, and requests wait for it', async () => {
    const own = shards.filter(({ spec }) => spec.assignments[0]?.node === 'shop-data-2');
    await stop('shop-data-2');
    const waiting = rest('shop-data-0', 'POST', '/collections/books/points/count', {});
    await start('shop-data-2');
    for (const { metadata } of own) {
      const shard = await eventually(async () => {
        const now = await kubernetes.shard(metadata.name);
        return now.status?.members?.[0]?.eligibleFromEpoch === 2 ? now : undefined;
      });
      expect(shard.status).toMatchObject({ epoch: 1 });
      await kubernetes.appoint(metadata.name);
    }
    expect(await waiting).toMatchObject({ status: 200, result: { count: 50 } });
  });

  test('is gone everywhere when it is deleted, and its data with it', async () => {
    expect(await rest('shop-data-1', 'DELETE', '/collections/books')).toEqual({ status: 200, result: true });
    for (const name of names) {
      expect(await rest(name, 'POST', '/collections/books/points/count', {})).toEqual({
        status: 404,
        result: { error: "Not found: Collection `books` doesn't exist!" },
      });
    }
    await eventually(async () => ((await replicaFolders()).length === 0 ? true : undefined));
  });
});

test('what the API server refuses is told to the client and leaves nothing behind', async () => {
  const answer = await rest('shop-data-0', 'PUT', '/collections/wrong', { ...schema, shard_number: 1_000_000 });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(await kubernetes.collection('wrong')).toBeUndefined();
});
