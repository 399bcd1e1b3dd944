import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { coordinationOf } from '../../test/coordination.ts';
import { PeerConnections } from '../peer/peer-connections.ts';
import { collectionConfigOf } from '../topology/collection-config.ts';
import type { CollectionRoute, ShardReplica } from '../topology/topology.ts';
import { Hedging } from './hedging.ts';
import { NodeLoads } from './node-loads.ts';
import { readEveryShard } from './on-shard.ts';
import { lastHash } from './router.ts';
import { timeout } from './timeout.ts';

const script = fileURLToPath(import.meta.resolve('../../test/peer-process.ts'));
const processes: ChildProcess[] = [];

afterEach(async () => {
  const running = processes.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ended = running.map(async (each) => await once(each, 'exit'));
  for (const each of running) each.kill('SIGKILL');
  await Promise.all(ended);
});

async function startNode(host: string, port: number): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, HOST: host, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, port: Number(line) };
}

function collectionOn(addresses: readonly string[]): CollectionRoute {
  const replicas = addresses.map((address, index): ShardReplica => {
    const place = { replicaId: `${index}`, node: address, zone: '', address, isLeaving: false };
    return { ...place, kind: 'Voter', inSync: true, isPrimary: index === 0, isReader: false };
  });
  const shards = ['one', 'two', 'three'].map((uid) => ({
    uid,
    name: uid,
    first: 0n,
    last: lastHash,
    epoch: 1n,
    primary: undefined,
    replicas,
  }));
  const spec = { clusterName: 'shop', collection: 'books', vectors: [{ name: '', size: 2, distance: 'Dot' as const }] };
  const names = { name: 'books', objectName: 'books', uid: 'books', generation: 1, age: '1' };
  return { ...names, spec, config: collectionConfigOf(spec), shards, complete: true, stalled: undefined };
}

const addresses = ['127.0.0.2', '127.0.0.3'];

const now = () => performance.now();

/** Reads without pause, some at once, on two nodes that both have a copy of each shard. */
async function reader() {
  const first = await startNode('127.0.0.2', 0);
  const second = await startNode('127.0.0.3', first.port);
  const peers = new PeerConnections({ identity: { namespace: 'default', cluster: 'shop' }, port: first.port, onCall: () => {} });
  const books = collectionOn(addresses);
  const topology = { collections: new Map([['books', books]]), aliases: new Map(), uids: new Set<string>(), nodes: new Map() };
  const hedges: boolean[] = [];
  const coordination = coordinationOf({
    topology: { current: () => topology, until: async () => await new Promise(() => {}) },
    remoteShard: (uid, address, signal) => peers.shard(uid, address, signal),
    loads: new NodeLoads(now),
    hedging: new Hedging(),
    metrics: { readAnswered: () => {}, readHedged: ({ won }) => hedges.push(won) },
    now,
    after: timeout,
    random: Math.random,
    sleep: async () => Promise.reject(new Error('a copy was left, and yet it slept')),
  });
  const search = {
    vectorName: '',
    vector: Float32Array.of(1, 1),
    params: { exact: false },
    limit: 3,
    withPayload: false,
    withVectors: false,
  };
  const read = async () => {
    const request = { ...search };
    const { signal } = new AbortController();
    const call = {
      coordination,
      collection: books,
      signal,
      consistency: { kind: 'recent' },
      session: undefined,
      draw: Math.random(),
    } as const;
    await readEveryShard(call, (replica, level, own) => replica.search(request, level, own));
  };
  const readFor = async (reads: number) => {
    let done = 0;
    const readers = Array.from({ length: 8 }, async () => {
      for (; done < reads; done += 1) await read();
    });
    await Promise.all(readers);
    return done;
  };
  return { nodes: [first, second], readFor, hedges, [Symbol.dispose]: () => peers[Symbol.dispose]() };
}

describe('a node fails and another has the same shards', () => {
  test('killed: no read fails, none sleeps', async () => {
    using reading = await reader();
    await reading.readFor(100);
    const during = reading.readFor(500);
    reading.nodes[0]?.child.kill('SIGKILL');
    expect(await during).toBeGreaterThanOrEqual(500);
  });

  test('stopped: reads that wait for it are answered by the other, and it takes part again afterwards', async () => {
    using reading = await reader();
    await reading.readFor(100);
    const during = reading.readFor(500);
    reading.nodes[1]?.child.kill('SIGSTOP');
    expect(await during).toBeGreaterThanOrEqual(500);
    expect(reading.hedges).toContain(true);
    reading.nodes[1]?.child.kill('SIGCONT');
    expect(await reading.readFor(100)).toBeGreaterThanOrEqual(100);
  });
});
