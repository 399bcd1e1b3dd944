import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileDisk } from '../src/log/file-disk.ts';
import { openLog } from '../src/log/node-log.ts';

/** Appends a second to the log with some writers at once, beside a plain loop of write and fdatasync on the same disk in the same run. */
const seconds = 2;
const operation = Buffer.alloc(3200, 'operation');

interface Rate {
  readonly appends: number;
  readonly elapsedMs: number;
}

async function plainLoop(folder: string): Promise<Rate> {
  await using file = await open(join(folder, 'plain'), 'a');
  return await repeat(async () => {
    await file.write(operation);
    await file.datasync();
  });
}

async function logWith(folder: string, writers: number): Promise<Rate> {
  await using log = await openLog({ disk: await openFileDisk(folder) });
  const rates = await Promise.all(
    Array.from({ length: writers }, (_, writer) => {
      const replica = (writers * 1000 + writer).toString(16).padStart(32, '0');
      let sequence = 0n;
      return repeat(() => {
        sequence += 1n;
        return log.append([{ replica, epoch: 1n, sequence, requestId: 'bench', operation }]);
      });
    }),
  );
  return { appends: rates.reduce((sum, rate) => sum + rate.appends, 0), elapsedMs: Math.max(...rates.map((rate) => rate.elapsedMs)) };
}

async function repeat(act: () => Promise<void>): Promise<Rate> {
  const began = performance.now();
  let appends = 0;
  while (performance.now() - began < seconds * 1000) {
    await act();
    appends += 1;
  }
  return { appends, elapsedMs: performance.now() - began };
}

function report(name: string, { appends, elapsedMs }: Rate): void {
  const perSecond = (appends / elapsedMs) * 1000;
  const megabytes = (perSecond * operation.length) / 1e6;
  process.stdout.write(`${name.padEnd(24)} ${perSecond.toFixed(0).padStart(8)} appends/s ${megabytes.toFixed(1).padStart(8)} MB/s\n`);
}

const folder = await mkdtemp(join(tmpdir(), 'log-bench-'));
try {
  report('plain write+fdatasync', await plainLoop(folder));
  for (const writers of [1, 16, 256]) {
    const before = process.cpuUsage();
    const rate = await logWith(folder, writers);
    const used = process.cpuUsage(before);
    report(`log, ${writers} writers`, rate);
    process.stdout.write(`${' '.repeat(24)} ${((used.user + used.system) / rate.appends).toFixed(1).padStart(8)} µs of CPU an append\n`);
  }
} finally {
  await rm(folder, { recursive: true });
}
