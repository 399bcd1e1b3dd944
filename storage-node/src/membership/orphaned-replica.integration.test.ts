/** Data whose VectorShard is not there, on a real disk with a real API server. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vectorClusters, vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { pino, type Logger } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cluster, namespace, TestKubernetes, type TestPod } from '../../test/kubernetes.ts';
import { createNodeMetrics } from '../metrics.ts';
import { Changes } from '../topology/changes.ts';
import { openReplicaHost } from '../replica-host/replica-host.ts';
import { startStorageNode, type StorageNode } from '../storage-node.ts';
import { unlimitedCaches } from '../../test/caches.ts';

const name = 'shop-data-0';
let kubernetes: TestKubernetes;
let pod: TestPod;
let dataDirectory: string;
let node: StorageNode | undefined;
let lines: string[];
let written: Changes;
let shard: string;

beforeEach(async () => {
  kubernetes = await TestKubernetes.start();
  dataDirectory = await mkdtemp(join(tmpdir(), 'orphaned-replica-'));
  pod = await kubernetes.addPod(name);
  await start();
  const { client } = kubernetes;
  const collection = await client.create(vectorCollections, {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorCollection',
    metadata: { name: 'shop-books', namespace },
    spec: { clusterName: cluster, collection: 'books', shards: 1, vectors: [{ name: '', size: 2, distance: 'Dot' }] },
  });
  const [placed] = await kubernetes.placeShards(collection, [name]);
  shard = placed?.metadata.name ?? '';
  await says('"step":"register"');
});

afterEach(async () => {
  await node?.stop();
  await kubernetes[Symbol.asyncDispose]();
  await rm(dataDirectory, { recursive: true });
});

async function start(): Promise<void> {
  lines = [];
  written = new Changes();
  const logger: Logger = pino({ level: 'info' }, { write: (line: string) => (lines.push(line), written.notify()) });
  const { clusterUid, client } = kubernetes;
  const host = await openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory,
    owner: { namespace, cluster, clusterUid },
    logger,
    newReplicaId: () => randomBytes(16).toString('hex'),
    onFatal: (error) => {
      throw error;
    },
  });
  const config = {
    cluster,
    clusterUid,
    namespace,
    node: name,
    podUid: pod.uid,
    zone: 'a',
    dataDirectory,
    listenHost: pod.ip,
    ports: { rest: 6333, grpc: 6334, peer: 6335, metrics: 9090 },
    logLevel: 'info',
    shutdownGraceMs: 1,
  };
  node = await startStorageNode({ config, client, host, logger, metrics: createNodeMetrics(), signal: new AbortController().signal });
}

async function says(words: string): Promise<void> {
  await written.until(() => lines.some((line) => line.includes(words)), AbortSignal.timeout(20_000));
}

const replicas = async (): Promise<number> => (await readdir(join(dataDirectory, 'replicas'))).length;

test('a VectorShard that somebody deletes takes no data along, nor does the next start, but its collection does', async () => {
  await kubernetes.client.delete(vectorShards, shard, namespace);
  await says('not deleted with the collection but by mistake');
  await node?.stop();
  await start();
  await says('not deleted with the collection but by mistake');
  expect(await replicas()).toBe(1);
  await kubernetes.client.delete(vectorCollections, 'shop-books', namespace);
  await node?.stop();
  await start();
  await says('"step":"drop"');
  expect(await replicas()).toBe(0);
});

test('a cluster that is deleted leaves its data on the volume', async () => {
  await kubernetes.client.delete(vectorClusters, cluster, namespace);
  await kubernetes.client.delete(vectorCollections, 'shop-books', namespace);
  await kubernetes.client.delete(vectorShards, shard, namespace);
  await says('deletionPolicy says what becomes of the volume');
  expect(await replicas()).toBe(1);
});
