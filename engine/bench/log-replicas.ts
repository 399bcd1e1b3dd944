import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileDisk } from '../src/log/file-disk.ts';
import type { Log } from '../src/log/log.ts';
import { openLog, type LogOptions } from '../src/log/node-log.ts';

/**
 * The log of a node with many replicas: 300 that append at the same time, each waiting for its own; the start with 1,000 idle ones; and
 * what 1,000 idle ones that hold back a little cost while others write.
 */
const seconds = 4;
const mebibyte = 1024 * 1024;
const operation = Buffer.alloc(3200, 'operation');

function replica(number: number): string {
  return number.toString(16).padStart(32, '0');
}

async function appendTo(log: Log, number: number, sequence: number, bytes = operation): Promise<void> {
  await log.append([{ replica: replica(number), epoch: 1n, sequence: BigInt(sequence), requestId: 'bench', operation: bytes }]);
}

function say(name: string, ...figures: readonly string[]): void {
  process.stdout.write(`${name.padEnd(36)} ${figures.join('  ')}\n`);
}

function percentile(sorted: readonly number[], share: number): string {
  return `${(sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)} ms`;
}

function counting(): {
  readonly counts: { syncs: number; bytes: number; copied: number; removed: number };
  readonly metrics: NonNullable<LogOptions['metrics']>;
} {
  const counts = { syncs: 0, bytes: 0, copied: 0, removed: 0 };
  return {
    counts,
    metrics: {
      batchSynced: ({ bytes }) => {
        counts.syncs += 1;
        counts.bytes += bytes;
      },
      segmentMade: () => {},
      segmentRemoved: () => (counts.removed += 1),
      entriesCopied: ({ bytes }) => (counts.copied += bytes),
    },
  };
}

async function groupCommit(folder: string, replicas: number): Promise<void> {
  const { counts, metrics } = counting();
  await using log = await openLog({ disk: await openFileDisk(folder), metrics });
  const latencies: number[] = [];
  const began = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: replicas }, async (_, number) => {
      for (let sequence = 1; performance.now() - began < seconds * 1000; sequence += 1) {
        const asked = performance.now();
        await appendTo(log, number, sequence);
        latencies.push(performance.now() - asked);
      }
    }),
  );
  const tookSeconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  latencies.sort((a, b) => a - b);
  say(
    `${replicas} replicas append`,
    `${(latencies.length / tookSeconds).toFixed(0)} appends/s`,
    `${(counts.syncs / tookSeconds).toFixed(0)} syncs/s`,
    `p50 ${percentile(latencies, 0.5)}`,
    `p99 ${percentile(latencies, 0.99)}`,
    `${((user + system) / latencies.length).toFixed(1)} µs of CPU an append`,
  );
}

/** 1 GiB: entries of `bytes` by all replicas in turn. */
async function start(folder: string, replicas: number, bytes: number): Promise<void> {
  const total = 1024 * mebibyte;
  const body = Buffer.alloc(bytes, 'operation');
  {
    await using log = await openLog({ disk: await openFileDisk(folder) });
    for (let written = 0, sequence = 1; written < total; sequence += 1) {
      await Promise.all(Array.from({ length: replicas }, (_, number) => appendTo(log, number, sequence, body)));
      written += replicas * bytes;
    }
  }
  const began = performance.now();
  const before = process.cpuUsage();
  await using log = await openLog({ disk: await openFileDisk(folder) });
  const tookMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const held = log.files.reduce((sum, file) => sum + file.bytes, 0) / mebibyte;
  const cpu = (user + system) / 1e6;
  say(
    `start, ${replicas} replicas, ${bytes} byte entries`,
    `${held.toFixed(0)} MiB`,
    `${tookMs.toFixed(0)} ms`,
    `${((tookMs * 1024) / held).toFixed(0)} ms a GiB`,
    `${cpu.toFixed(2)} s of CPU`,
  );
  const readBegan = performance.now();
  const { last } = log.extent(replica(0));
  let read = 0;
  for await (const entry of log.read(replica(0), last / 2n, last / 2n + 255n)) read += entry.operation.byteLength > 0 ? 1 : 0;
  say('a window from its middle', `${read} entries`, `${(performance.now() - readBegan).toFixed(1)} ms`);
}

/** Idle replicas keep `bytes` each, busy ones are released at once. Scaled down: 64 MiB held back begins the copying, not 512. */
async function retention(folder: string, idle: number, bytes: number): Promise<void> {
  const { counts, metrics } = counting();
  const copyForwardBytes = 64 * mebibyte;
  await using log = await openLog({ disk: await openFileDisk(folder), metrics, segmentBytes: 8 * mebibyte, copyForwardBytes });
  await Promise.all(Array.from({ length: idle }, (_, number) => appendTo(log, number, 1, Buffer.alloc(bytes, 1))));
  const busy = 32;
  const total = 1024 * mebibyte;
  const body = Buffer.alloc(16 * 1024, 'busy');
  let mostBytes = 0;
  for (let sequence = 1; sequence * busy * body.length < total; sequence += 1) {
    await Promise.all(Array.from({ length: busy }, (_, number) => appendTo(log, idle + number, sequence, body)));
    for (let number = 0; number < busy; number += 1) log.releaseUpTo(replica(idle + number), BigInt(sequence));
    mostBytes = Math.max(
      mostBytes,
      log.files.reduce((sum, file) => sum + file.bytes, 0),
    );
  }
  say(
    `${idle} idle replicas hold ${(bytes / 1024).toFixed(0)} KiB each`,
    `${(counts.bytes / mebibyte).toFixed(0)} MiB appended`,
    `${(counts.copied / mebibyte).toFixed(0)} MiB copied (${((100 * counts.copied) / counts.bytes).toFixed(1)} %)`,
    `at most ${(mostBytes / mebibyte).toFixed(0)} MiB on the disk`,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'log-bench-'));
async function withFolder(use: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(folder, 'log-'));
  await use(path);
  await rm(path, { recursive: true });
}
const parts: Readonly<Record<string, () => Promise<void>>> = {
  append: async () => {
    for (const replicas of [1, 30, 300]) await withFolder((path) => groupCommit(path, replicas));
  },
  start: async () => {
    await withFolder((path) => start(path, 3, 3200));
    await withFolder((path) => start(path, 1000, 3200));
    await withFolder((path) => start(path, 1000, 300));
  },
  retention: async () => {
    for (const kibibytes of [1, 16, 64, 256]) await withFolder((path) => retention(path, 1000, kibibytes * 1024));
  },
};
try {
  const asked = process.argv.slice(2);
  for (const [name, run] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) await run();
} finally {
  await rm(folder, { recursive: true });
}
