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

/** When a running process started, in words of the system that differ for every process; undefined when there is none. */
export async function startedAt(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? startedAsKernelTells(pid) : startedAsPsTells(pid);
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

/** Ticks since boot, with the boot's id: small images of Linux have no ps. */
async function startedAsKernelTells(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the command, which is in parentheses and may hold spaces and parentheses of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return hasEnded(fields[0]) ? undefined : `${fields[19]} after boot ${boot.trim()}`;
  } catch {
    return undefined;
  }
}

async function startedAsPsTells(pid: number): Promise<string | undefined> {
  try {
    const environment = { env: { ...process.env, LC_ALL: 'C' } };
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], environment);
    const [, state, started] = /^(\S+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    return hasEnded(state) ? undefined : started;
  } catch {
    return undefined; // ps ends with 1 when it finds nothing
  }
}

/** A zombie has ended; only its parent has not asked yet how. */
function hasEnded(state: string | undefined): boolean {
  return state === undefined || state.startsWith('Z') || state.startsWith('X');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut short by a crash
  }
}
