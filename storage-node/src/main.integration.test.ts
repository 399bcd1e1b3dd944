import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { TestKubernetes, type TestPod } from '../test/kubernetes.ts';
import { NodeProcess } from '../test/node-process.ts';

const count = z.object({ result: z.object({ count: z.number() }) });
const json = { 'content-type': 'application/json' };
let kubernetes: TestKubernetes;
let folder: string;
let pod: TestPod;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectorcluster-process-'));
  kubernetes = await TestKubernetes.start();
  pod = await kubernetes.addPod('shop-data-0');
});

afterAll(async () => {
  await kubernetes[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start(directory = 'node'): Promise<NodeProcess> {
  const path = join(folder, directory);
  await mkdir(path, { recursive: true });
  return await NodeProcess.start({ kubernetes, pod, directory: path });
}

async function post(path: string, body: unknown, method: 'POST' | 'PUT' = 'POST'): Promise<Response> {
  return await fetch(`http://${pod.ip}:6333/collections/books${path}`, { method, headers: json, body: JSON.stringify(body) });
}

async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const giveUp = AbortSignal.timeout(30_000);
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    giveUp.throwIfAborted();
    await delay(10);
  }
}

/** Plays the operator: appoints the member in the first epoch that it may serve. */
async function appoint(shard: string, eligibleFromEpoch: number): Promise<void> {
  await eventually(async () => {
    const { status } = await kubernetes.shard(shard);
    return status?.members?.[0]?.eligibleFromEpoch === eligibleFromEpoch ? true : undefined;
  });
  await kubernetes.appoint(shard);
}

test('an environment that is not complete is told in a sentence', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'ignore', 'pipe'] });
  const text: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => text.push(chunk));
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
  expect(Buffer.concat(text).toString()).toMatch(/environment is not complete: CLUSTER_NAME: .*POD_UID/);
});

test('a port in use ends the process with a sentence, also where kubelets look for it', async () => {
  const squatter = createServer();
  squatter.listen(6333, pod.ip);
  await once(squatter, 'listening');
  const directory = join(folder, 'squatted');
  const lastWords = join(directory, 'termination-log');
  await mkdir(directory);
  await writeFile(lastWords, '');
  const node = await NodeProcess.start({ kubernetes, pod, directory, env: { TERMINATION_MESSAGE_PATH: lastWords } });
  expect(await node.ended()).toBe(1);
  squatter.close();
  const sentence = /a port of this node is in use: end the process that has it, or set REST_PORT/;
  expect(await readFile(node.logFile, 'utf8')).toMatch(sentence);
  expect(await readFile(lastWords, 'utf8')).toMatch(sentence);
});

test('every acknowledged write outlives kill -9, and SIGTERM ends with 0', async () => {
  let node = await start();
  await node.ready();
  const creating = post('', { vectors: { size: 2, distance: 'Dot' }, shard_number: 1 }, 'PUT');
  const collection = await eventually(() => kubernetes.collection('books'));
  const [shard] = await kubernetes.placeShards(collection, [pod.name]);
  const name = shard?.metadata.name ?? '';
  await appoint(name, 1);
  expect((await creating).status).toBe(200);

  const acknowledged: number[] = [];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let id = writer; ; id += 4) {
      const answer = await post('/points?wait=true', { points: [{ id, vector: [id, 1] }] }, 'PUT').catch(() => undefined);
      if (answer?.status !== 200) return;
      acknowledged.push(id);
    }
  });
  await eventually(async () => (acknowledged.length > 100 ? true : undefined));
  await node.end('SIGKILL');
  await Promise.all(writers);

  node = await start();
  await appoint(name, 2);
  const found = await post('/points', { ids: acknowledged, with_payload: false });
  const { result } = z.object({ result: z.array(z.object({ id: z.number() })) }).parse(await found.json());
  expect(result.map(({ id }) => id)).toEqual(acknowledged);
  expect(await node.end('SIGTERM')).toBe(0);

  node = await start();
  await appoint(name, 3);
  const counted = count.parse(await (await post('/points/count', {})).json());
  expect(counted.result.count).toBeGreaterThanOrEqual(acknowledged.length);
  expect(await node.end('SIGTERM')).toBe(0);
});
