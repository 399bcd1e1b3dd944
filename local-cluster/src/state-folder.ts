/** The folder that holds everything of one local cluster: `cluster.json`, `daemon.pid`, `kubeconfig`, and a folder a part. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { startedAt } from './kubelet/process-record.ts';

const settings = z.strictObject({
  /** Second byte of the cluster's loopback addresses; kept, so that addresses survive a restart. */
  octet: z.int().min(1).max(254),
  nodes: z.int().min(1).max(64),
  zones: z.array(z.string().min(1)).min(1),
});
export type ClusterSettings = z.output<typeof settings>;

const daemon = z.strictObject({ pid: z.int().positive(), started: z.string() });

export class StateFolderError extends Error {
  override readonly name = 'StateFolderError';
}

export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    // Pods run in folders of their own.
    this.path = resolve(path);
  }

  in(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** Undefined for a new cluster. A folder that lost some of its parts is refused, because it would come up empty. */
  async settings(): Promise<ClusterSettings | undefined> {
    const text = await readFile(this.in('cluster.json'), 'utf8').catch(missing);
    if (text === undefined) {
      const parts = await readdir(this.path).catch(missing);
      if (!parts?.includes('api')) return undefined;
      throw new StateFolderError(
        `${this.path} holds parts of a cluster but no cluster.json: it was deleted in part. Restore the file, or remove the folder to start anew.`,
      );
    }
    const parsed = settings.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new StateFolderError(`${this.in('cluster.json')} is damaged: restore it, or remove ${this.path} to start anew.`);
  }

  async saveSettings(value: ClusterSettings): Promise<void> {
    const temporary = this.in('cluster.json.new');
    await writeFile(temporary, JSON.stringify(value, undefined, 2));
    await rename(temporary, this.in('cluster.json'));
  }

  /** The process that runs this cluster, if it does. */
  async runningPid(): Promise<number | undefined> {
    const text = await readFile(this.in('daemon.pid'), 'utf8').catch(missing);
    const parsed = daemon.safeParse(text === undefined ? undefined : parseJson(text));
    if (!parsed.success) return undefined;
    return (await startedAt(parsed.data.pid)) === parsed.data.started ? parsed.data.pid : undefined;
  }

  async claim(): Promise<void> {
    const pid = await this.runningPid();
    if (pid !== undefined)
      throw new StateFolderError(`this cluster is running already (process ${pid}): stop it with "vectorcluster down" first`);
    const started = (await startedAt(process.pid)) ?? '';
    await writeFile(this.in('daemon.pid'), JSON.stringify({ pid: process.pid, started }));
  }

  async release(): Promise<void> {
    await rm(this.in('daemon.pid'), { force: true });
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
