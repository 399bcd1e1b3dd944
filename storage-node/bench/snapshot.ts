/**
 * What a snapshot costs: MB/s of a transfer between two processes against a plain copy of the same bytes over loopback TCP into a synced
 * file; the latency of searches at the source meanwhile, and when nothing else goes on; and what saved segments spare the receiver.
 *
 * `node storage-node/bench/snapshot.ts [points] [dimension] [rounds]`
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import type { ReplicaState } from '../src/shard/replica-state.ts';
import { fill, searches, searchesPerSecond, searching, stateIn, untilAllIndexed } from './bench-state.ts';
import { fetchSnapshot } from '../src/snapshot/fetch-snapshot.ts';
import { installSnapshot, installTarget } from '../src/snapshot/install-snapshot.ts';
import { createSnapshotMetrics } from '../src/snapshot/metrics.ts';
import { snapshotRates } from '../src/snapshot/node-snapshots.ts';
import { Pacer } from '../src/snapshot/pacer.ts';
import { snapshotService } from '../src/snapshot/snapshot-service.ts';
import { SnapshotSessions } from '../src/snapshot/snapshot-sessions.ts';
import { openSnapshot } from '../src/snapshot/snapshot-reader.ts';

const identity = { namespace: 'bench', cluster: 'bench' };
const sourceId = 'a1'.repeat(16);
const receiverId = 'b2'.repeat(16);
/** Searches are measured for so long at least, with as many copies as it takes; short, so that all see the same of what else goes on. */
const searchedMs = 1_000;
/** Of the source, as nodes have them; MIB_BESIDE_READS= to try another one. */
const rates = {
  ...snapshotRates,
  ...(process.env['MIB_BESIDE_READS'] !== undefined && { bytesPerSecondBesideReads: Number(process.env['MIB_BESIDE_READS']) * 2 ** 20 }),
};

type Order =
  | { readonly kind: 'fetch'; readonly port: number; readonly folder: string }
  | { readonly kind: 'install'; readonly folder: string; readonly home: string; readonly size: number }
  | { readonly kind: 'copy'; readonly port: number; readonly file: string };
interface Done {
  readonly seconds: number;
  readonly bytes: number;
  /** Of the receiver, milliseconds. */
  readonly cpuMs: number;
  readonly indexedSeconds?: number;
}

if (process.send) process.on('message', (order: Order) => void answer(order));
else await run(Number(process.argv[2] ?? 60_000), Number(process.argv[3] ?? 384), Number(process.argv[4] ?? 10));

async function run(points: number, size: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'snapshot-bench-'));
  const receiver = fork(fileURLToPath(import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await using documents = await openRocksDocuments(join(folder, 'documents'));
    const segments = join(folder, 'segments');
    const state = await stateIn(documents, sourceId, segments, size);
    await fill(state, points, size);
    await documents.flush();
    await untilAllIndexed(state);
    await state.close({ save: true });
    const source = await stateIn(documents, sourceId, segments, size);
    print(`${points} points of ${size} dimensions; searches go on at ${searchesPerSecond} a second; ${rounds} rounds`);
    await measureTransfers({ folder, documents, segments, source, receiver, size, rounds });
    await source.close({ save: false });
  } finally {
    receiver.kill();
    await rm(folder, { recursive: true });
  }
}

function note(to: Map<string, number[]>, name: string, values: readonly number[]): void {
  to.set(name, [...(to.get(name) ?? []), ...values]);
}

async function measureTransfers(bench: {
  readonly folder: string;
  readonly documents: Documents;
  readonly segments: string;
  readonly source: ReplicaState;
  readonly receiver: ChildProcess;
  readonly size: number;
  readonly rounds: number;
}): Promise<void> {
  const { folder, documents, segments, source, receiver, size, rounds } = bench;
  const parts = join(folder, 'parts');
  const copied = join(folder, 'copied');
  const speeds = new Map<string, number[]>();
  const latencies = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const files of [false, true]) {
      const name = files ? 'snapshot with segments' : 'snapshot, documents only';
      const plain = `plain copy of the ${name}`;
      note(latencies, 'idle', await searching(source, size, async () => await delay(searchedMs)));
      await using served = await serve(documents, files ? segments : undefined);
      const transfer = async () => {
        await rm(parts, { recursive: true, force: true });
        return await ask(receiver, { kind: 'fetch', port: served.port, folder: parts });
      };
      const copy = async () => await copyPlainly(parts, copied, receiver);
      const quiet = async (what: string, work: () => Promise<Done>): Promise<number> => {
        const before = process.cpuUsage();
        const answering = process.threadCpuUsage();
        const done = await work();
        const { user, system } = process.threadCpuUsage(answering);
        note(speeds, what, [rate(done)]);
        note(speeds, `${what}: CPU ms a MB, both sides`, [(cpuMs(before) + done.cpuMs) / (done.bytes / 1e6)]);
        note(speeds, `${what}: of it in the thread that answers searches`, [(user + system) / 1000 / (done.bytes / 1e6)]);
        return done.bytes;
      };
      const bytes = await quiet(name, transfer);
      await quiet(plain, copy);
      note(latencies, plain, await searching(source, size, async () => await forAWhile(copy)));
      note(latencies, name, await searching(source, size, async () => await forAWhile(transfer)));
      if (round === 0) print(`${name}: ${(bytes / 1e6).toFixed(1)} MB`);
      if (round + 1 < rounds) continue;
      const home = join(folder, `home-${files}`);
      const installed = await ask(receiver, { kind: 'install', folder: parts, home, size });
      note(speeds, `${name}: seconds to install`, [installed.seconds]);
      note(speeds, `${name}: seconds to load and index`, [installed.indexedSeconds ?? 0]);
    }
  }
  print('\nMB/s where nothing else is said'.padEnd(79) + 'median   all');
  for (const [name, values] of speeds)
    print(`${name.padEnd(75)} ${median(values).toFixed(1).padStart(8)}   ${values.map((each) => each.toFixed(1)).join(' ')}`);
  print('\nsearches at the source, ms'.padEnd(64) + '   p50     p99   searches');
  for (const [name, values] of latencies) {
    const at = (share: number): string => quantile(values, share).toFixed(2).padStart(7);
    print(`${name.padEnd(60)} ${at(0.5)} ${at(0.99)} ${String(values.length).padStart(8)}`);
  }
  const p99 = (name: string): number => quantile(latencies.get(name) ?? [], 0.99);
  for (const name of ['snapshot, documents only', 'snapshot with segments']) {
    const plain = speeds.get(`plain copy of the ${name}`) ?? [];
    const shares = (speeds.get(name) ?? []).map((speed, round) => (100 * speed) / (plain[round] ?? NaN));
    const all = shares.map((share) => share.toFixed(0)).join(' ');
    print(`\n${name}: ${median(shares).toFixed(0)} % of a plain copy of the same round (${all})`);
    print(`search p99 meanwhile: ${(p99(name) / p99('idle')).toFixed(2)} times the idle one`);
  }
}

async function forAWhile(work: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + searchedMs; performance.now() < end;) await work();
}

async function serve(documents: Documents, segmentsFolder: string | undefined): Promise<{ readonly port: number } & AsyncDisposable> {
  const sessions = new SnapshotSessions({
    source: { open: async () => await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, segmentsFolder }) },
    sessionsMax: 1,
    keepMs: 1_000,
    newSessionId: () => 'bench',
    after: () => ({ [Symbol.dispose]: () => {} }),
  });
  const pacer = new Pacer({ ...rates, reads: searches, now: () => performance.now(), sleep: async (ms) => await delay(ms), turn });
  const server = new Server();
  const options = { identity, sessions, metrics: createSnapshotMetrics(new Registry()), pacer, stallMs: 30_000, onBug: print };
  snapshotService(options)(server);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  return {
    port: await promise,
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

/** The files of the parts, one after the other, read here and written there. */
async function copyPlainly(parts: string, file: string, receiver: ChildProcess): Promise<Done> {
  const names = (await readdir(parts)).filter((name) => name.endsWith('.part')).toSorted();
  const server = createServer((socket) => {
    void pipeline(async function* () {
      for (const name of names) yield* createReadStream(join(parts, name), { highWaterMark: 256 * 1024 });
    }, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  const done = await ask(receiver, { kind: 'copy', port: address.port, file });
  server.close();
  return done;
}

async function ask(receiver: ChildProcess, order: Order): Promise<Done> {
  receiver.send(order);
  const stopping = new AbortController();
  const died = once(receiver, 'exit', stopping).then(() => {
    throw new Error('the receiver has ended');
  });
  const [done]: Done[] = await Promise.race([once(receiver, 'message'), died]).finally(() => stopping.abort());
  if (!done) throw new Error('the receiver said nothing');
  return done;
}

async function answer(order: Order): Promise<void> {
  process.send?.(await carryOut(order));
}

async function carryOut(order: Order): Promise<Done> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  switch (order.kind) {
    case 'fetch': {
      const { bytes } = await fetch(order.port, order.folder);
      return { seconds: seconds(), bytes, cpuMs: cpuMs(cpu) };
    }
    case 'copy': {
      const socket = connect(order.port, '127.0.0.1');
      await pipeline(socket, createWriteStream(order.file, { highWaterMark: 1024 * 1024 }));
      const bytes = socket.bytesRead;
      await using file = await open(order.file, 'r+');
      await file.datasync();
      return { seconds: seconds(), bytes, cpuMs: cpuMs(cpu) };
    }
    case 'install': {
      const fetched = await fetch(0, order.folder); // complete: no source is asked
      await mkdir(join(order.home, 'log'), { recursive: true });
      await using documents = await openRocksDocuments(join(order.home, 'documents'));
      await using log = await openLog({ disk: await openFileDisk(join(order.home, 'log')) });
      const target = await installTarget({ documents, log, replicaId: receiverId, folder: order.home });
      const start = performance.now();
      await installSnapshot(fetched, target);
      const installed = performance.now();
      const state = await stateIn(documents, receiverId, join(order.home, 'segments'), order.size);
      await untilAllIndexed(state);
      const indexedSeconds = (performance.now() - installed) / 1000;
      await state.close({ save: false });
      return { seconds: (installed - start) / 1000, bytes: fetched.bytes, cpuMs: cpuMs(cpu), indexedSeconds };
    }
  }
}

async function fetch(port: number, folder: string) {
  const metrics = createSnapshotMetrics(new Registry());
  const named = { identity, shard: 'bench', from: sourceId, receiver: receiverId, address: '127.0.0.1', atLeast: 1n };
  return await fetchSnapshot({ ...named, port, folder, signal: new AbortController().signal, metrics });
}

function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function rate({ bytes, seconds }: Done): number {
  return bytes / 1e6 / seconds;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;
}

function print(text: unknown): void {
  process.stdout.write(`${String(text)}\n`);
}
