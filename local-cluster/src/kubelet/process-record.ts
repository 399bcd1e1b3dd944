/**
 * Which processes belong to this cluster, on disk, so that they can be ended even after the runtime itself was killed.
 * A pid alone is not enough, because pids are reused: the record also holds when the process started.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const record = z.strictObject({ pid: z.int().positive(), started: z.string(), pod: z.string() });
export type ProcessRecord = z.output<typeof record>;

const run = promisify(execFile);

/** Start time of a running process as ps tells it, undefined when there is none. */
export async function startedAt(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } });
    const [, state = '', started = ''] = /^(\S+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    // A zombie has ended; only its parent has not asked yet how.
    return state === '' || state.startsWith('Z') ? undefined : started;
  } catch {
    return undefined; // ps ends with 1 when it finds nothing
  }
}

export async function rememberProcess(folder: string, pid: number, pod: string): Promise<void> {
  const started = await startedAt(pid);
  if (started === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${pid}.json`), JSON.stringify({ pid, started, pod } satisfies ProcessRecord));
}

export async function forgetProcess(folder: string, pid: number): Promise<void> {
  await rm(join(folder, `${pid}.json`), { force: true });
}

/** Ends what an earlier run left behind, by SIGKILL: its storage is made for that. Returns the Pods that were ended. */
export async function endLeftovers(folder: string): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const file of await readdir(folder).catch(() => [])) {
    const path = join(folder, file);
    const parsed = record.safeParse(parseJson(await readFile(path, 'utf8')));
    if (parsed.success && (await startedAt(parsed.data.pid)) === parsed.data.started) {
      process.kill(parsed.data.pid, 'SIGKILL');
      ended.push(parsed.data.pod);
      while ((await startedAt(parsed.data.pid)) === parsed.data.started) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await rm(path, { force: true });
  }
  return ended;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut short by a crash
  }
}
