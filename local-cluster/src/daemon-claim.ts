/** Which process runs a cluster: a file that one process at a time holds, and that a killed one does not hold for ever. */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startedAt } from './kubelet/process-record.ts';

const daemon = z.strictObject({ pid: z.int().positive(), started: z.string(), ready: z.boolean().default(true) });

export interface RunningDaemon {
  readonly pid: number;
  /** False while it comes up. */
  readonly ready: boolean;
}

/** Nobody needs the lock for longer than a few milliseconds: older than this, its holder was killed. */
const abandonedAfterMs = 10_000;

export async function runningDaemon(file: string): Promise<RunningDaemon | undefined> {
  const text = await readFile(file, 'utf8').catch(missing);
  const parsed = daemon.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) return undefined;
  const { pid, started, ready } = parsed.data;
  return (await startedAt(pid)) === started ? { pid, ready } : undefined;
}

/** Makes this process the holder, or returns the one that is. */
export async function claim(file: string): Promise<RunningDaemon | undefined> {
  return alone(`${file}.lock`, async () => {
    const other = await runningDaemon(file);
    if (other === undefined) await write(file, false);
    return other;
  });
}

export async function markReady(file: string): Promise<void> {
  await write(file, true);
}

export async function release(file: string): Promise<void> {
  await rm(file, { force: true });
}

async function write(file: string, ready: boolean): Promise<void> {
  const record = { pid: process.pid, started: (await startedAt(process.pid)) ?? '', ready } satisfies z.output<typeof daemon>;
  await writeFile(`${file}.new`, JSON.stringify(record));
  await rename(`${file}.new`, file);
}

async function alone<T>(lock: string, act: () => Promise<T>): Promise<T> {
  for (;;) {
    const handle = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return undefined;
    });
    if (handle) {
      await handle.close();
      try {
        return await act();
      } finally {
        await rm(lock, { force: true });
      }
    }
    const held = await stat(lock).catch(missing);
    if (held && Date.now() - held.mtimeMs > abandonedAfterMs) await rm(lock, { force: true });
    else await sleep(20);
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
