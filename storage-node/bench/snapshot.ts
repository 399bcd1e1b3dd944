/**
 * What a snapshot costs its source: MB/s against a plain copy of the same bytes over loopback TCP into a synced file, and what searches
 * feel of either; and what saved segments spare the receiver.
 *
 * `node storage-node/bench/snapshot.ts [points] [dimension] [rounds]`
 *
 * A receiver is on another machine. Here (on Linux) it is a process with a core of its own, and the source has another one; while searches
 * are measured its files are in memory: what the kernel does for a disk takes the core of the source too.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import type { ReplicaState } from '../src/shard/replica-state.ts';
import { fill, searching, searchesPerSecond, stateIn, untilAllIndexed } from './bench-state.ts';
import { waitsDuring, type Waits } from './search-waits.ts';
import type { Done, Order } from './snapshot-receiver.ts';
import { servePlainly, serveSnapshots, sourceId } from './snapshot-source.ts';

/** Searches are measured for so long at least, with as many copies as it takes; short, so that all see the same of what else goes on. */
const searchedMs = 2_000;
const settledMs = 500;
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const isLinux = process.platform === 'linux';
/** By number; there are two at least. */
const cores = { source: '0', receiver: '1' };

interface Bench {
  readonly folder: string;
  /** Of files that no disk has, where there is such a thing. */
  readonly memory: string;
  readonly documents: Documents;
  readonly segments: string;
  readonly source: ReplicaState;
  readonly receiver: ChildProcess;
  readonly size: number;
  readonly rounds: number;
}

/** Of one arrangement, over all rounds. */
interface Felt {
  readonly latencies: number[];
  /** Of each round. */
  readonly p99: number[];
  readonly waits: Waits[];
  readonly rates: number[];
}

await run(Number(process.argv[2] ?? 60_000), Number(process.argv[3] ?? 384), Number(process.argv[4] ?? 10));

async function run(points: number, size: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'snapshot-bench-'));
  const memory = await mkdtemp(join(isLinux ? '/dev/shm' : tmpdir(), 'snapshot-bench-'));
  if (isLinux) execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores.source, String(process.pid)]);
  const receiver = startReceiver();
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
    const bench = { folder, memory, documents, segments, source, receiver, size, rounds };
    for (const files of [false, true]) await measure(bench, files);
    await source.close({ save: false });
  } finally {
    receiver.kill();
    for (const each of [folder, memory]) await rm(each, { recursive: true });
  }
}

async function measure(bench: Bench, files: boolean): Promise<void> {
  const { documents, source, receiver, size, rounds } = bench;
  const segmentsFolder = files ? bench.segments : undefined;
  const onDisk = { parts: join(bench.folder, 'parts'), copied: join(bench.folder, 'copied') };
  const inMemory = { parts: join(bench.memory, 'parts'), copied: join(bench.memory, 'copied') };
  const speeds = new Map<string, number[]>();
  const felt = new Map<string, Felt>();
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    await using free = await serveSnapshots(documents, { segmentsFolder, asFastAsItGoes: true });
    await using beside = await serveSnapshots(documents, { segmentsFolder, asFastAsItGoes: false });
    const snapshot =
      (port: number, { parts }: typeof onDisk) =>
      async (): Promise<Done> =>
        await ask(receiver, { kind: 'fetch', port, folder: parts });
    const copy =
      ({ parts, copied }: typeof onDisk) =>
      async (): Promise<Done> => {
        const names = (await readdir(parts)).filter((name) => name.endsWith('.part')).toSorted();
        await using served = await servePlainly(names.map((name) => join(parts, name)));
        return await ask(receiver, { kind: 'copy', port: served.port, file: copied });
      };
    bytes = await alone(speeds, 'snapshot', snapshot(free.port, onDisk));
    await alone(speeds, 'plain copy', copy(onDisk));
    const feel = async (name: string, work: (() => Promise<Done>) | undefined): Promise<void> =>
      await noteFelt(felt, name, source, size, work);
    await feel('nothing', undefined);
    await feel('snapshot', snapshot(beside.port, inMemory));
    await feel('snapshot as fast as it goes', snapshot(free.port, inMemory));
    await feel('plain copy', copy(inMemory));
  }
  print(`\n${files ? 'documents and saved segments' : 'documents only'}, ${(bytes / 1e6).toFixed(1)} MB`);
  printSpeeds(speeds);
  printFelt(felt);
  const home = join(bench.folder, `home-${files}`);
  const installed = await ask(receiver, { kind: 'install', folder: onDisk.parts, home, size });
  print(`installed in ${installed.seconds.toFixed(2)} s, loaded and indexed in ${(installed.indexedSeconds ?? NaN).toFixed(2)} s more`);
}

/** Without searches. */
async function alone(speeds: Map<string, number[]>, name: string, work: () => Promise<Done>): Promise<number> {
  const all = process.cpuUsage();
  const answering = process.threadCpuUsage();
  const done = await work();
  const megabytes = done.bytes / 1e6;
  note(speeds, name, megabytes / done.seconds);
  note(speeds, `${name}: CPU ms a MB, both sides`, (cpuMs(process.cpuUsage(all)) + done.cpuMs) / megabytes);
  note(speeds, `${name}: of it in the thread that answers searches`, cpuMs(process.threadCpuUsage(answering)) / megabytes);
  return done.bytes;
}

async function noteFelt(
  felt: Map<string, Felt>,
  name: string,
  source: ReplicaState,
  size: number,
  work: (() => Promise<Done>) | undefined,
): Promise<void> {
  const one: Felt = felt.get(name) ?? { latencies: [], p99: [], waits: [], rates: [] };
  felt.set(name, one);
  const meanwhile = async (): Promise<void> => {
    const began = performance.now();
    let bytes = 0;
    if (work === undefined) await delay(searchedMs);
    else while (performance.now() - began < searchedMs) bytes += (await work()).bytes;
    one.rates.push(bytes / 2 ** 20 / ((performance.now() - began) / 1000));
  };
  await settle();
  let latencies: readonly number[] = [];
  const waits = await waitsDuring(async () => {
    latencies = await searching(source, size, meanwhile);
  });
  one.latencies.push(...latencies);
  one.p99.push(quantile(latencies, 0.99));
  one.waits.push(waits);
}

/** So that nobody pays for the garbage of the one before. */
async function settle(): Promise<void> {
  collectGarbage();
  await delay(settledMs);
}

function printSpeeds(speeds: Map<string, number[]>): void {
  print('without searches, MB/s where nothing else is said'.padEnd(60) + 'median   all');
  for (const [name, values] of speeds) {
    print(`${name.padEnd(56)} ${quantile(values, 0.5).toFixed(1).padStart(8)}   ${values.map((each) => each.toFixed(1)).join(' ')}`);
  }
  const plain = speeds.get('plain copy') ?? [];
  const shares = (speeds.get('snapshot') ?? []).map((speed, round) => (100 * speed) / (plain[round] ?? NaN));
  print(`${quantile(shares, 0.5).toFixed(0)} % of a plain copy of the same round (${shares.map((share) => share.toFixed(0)).join(' ')})`);
}

function printFelt(felt: Map<string, Felt>): void {
  print('searches beside it, ms; then MiB/s of it; pauses of the collector a round, ms; ms a second that threads waited for a core');
  print(' '.repeat(28) + '   p50    p90    p99  p99.9 of idle p99 of the rounds');
  const idle = quantile(felt.get('nothing')?.latencies ?? [], 0.99);
  for (const [name, { latencies, p99, waits, rates }] of felt) {
    const at = (share: number): string => quantile(latencies, share).toFixed(2).padStart(6);
    const quantiles = [0.5, 0.9, 0.99, 0.999].map(at).join(' ');
    const times = (quantile(latencies, 0.99) / idle).toFixed(2).padStart(7);
    print(`${name.padEnd(28)}${quantiles} ${times} ${p99.map((each) => each.toFixed(1)).join(' ')}`);
    const mean = (of: (each: Waits) => number): string => (waits.reduce((sum, each) => sum + of(each), 0) / waits.length).toFixed(1);
    const paused = (of: (each: Waits) => readonly number[]): string =>
      `${mean((each) => of(each).length)} x ${quantile(waits.flatMap(of), 0.5).toFixed(1)}`;
    print(
      `${' '.repeat(28)}${quantile(rates, 0.5).toFixed(0)} MiB/s; whole heap ${paused((each) => each.majorPausesMs)}, young ` +
        `${paused((each) => each.minorPausesMs)}; waited ${mean((each) => each.answeringMs)} (answering), ${mean((each) => each.othersMs)} (others)`,
    );
  }
}

function startReceiver(): ChildProcess {
  const program = [process.execPath, fileURLToPath(import.meta.resolve('./snapshot-receiver.ts'))];
  const [command = '', ...rest] = isLinux ? ['taskset', '--cpu-list', cores.receiver, ...program] : program;
  return spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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

function note(to: Map<string, number[]>, name: string, value: number): void {
  to.set(name, [...(to.get(name) ?? []), value]);
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
