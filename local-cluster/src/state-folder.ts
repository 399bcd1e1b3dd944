/**
 * The folder that holds everything of one local cluster.
 *
 *   cluster.json         its shape and addresses
 *   daemon.pid, .log     the process that runs it
 *   kubeconfig           for kubectl; written at every start
 *   api/  volumes/       what is kept: objects, and the data of storage nodes
 *   pods/ processes/     of what runs now
 *   logs/                of every container
 */
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { claim, markReady, release, runningDaemon, type RunningDaemon } from './daemon-claim.ts';

/** Raised by whoever makes older programs misread the folder. */
const format = 1;

export const nodesMax = 64;

const settings = z.strictObject({
  format: z.literal(format).default(format),
  /** Second byte of the cluster's loopback addresses; kept, because Services keep theirs. */
  octet: z.int().min(1).max(254),
  /** Of the API server. */
  port: z.int().min(1).max(65_535).default(6443),
  nodes: z.int().min(1).max(nodesMax),
  zones: z.array(z.string().min(1)).min(1),
});
export type ClusterSettings = z.output<typeof settings>;

const anyFormat = z.looseObject({ format: z.int() });

const parts = [
  'api',
  'volumes',
  'pods',
  'processes',
  'logs',
  'kubeconfig',
  'daemon.pid',
  'daemon.pid.new',
  'daemon.pid.lock',
  'daemon.log',
  'cluster.json',
  'cluster.json.new',
];

export class StateFolderError extends Error {
  override readonly name = 'StateFolderError';
}

export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    // Pods run in folders of their own.
    this.path = resolve(path);
  }

  in(...names: string[]): string {
    return join(this.path, ...names);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** Undefined for a new cluster. A folder that lost some of its parts is refused, because it would come up empty. */
  async settings(): Promise<ClusterSettings | undefined> {
    const [text, there] = await Promise.all([readFile(this.in('cluster.json'), 'utf8').catch(missing), readdir(this.path).catch(missing)]);
    if (text === undefined) {
      if (!there?.includes('api')) return undefined;
      throw new StateFolderError(
        `${this.path} holds parts of a cluster but no cluster.json: it was deleted in part. Restore the file, or start anew after "vectorcluster down --delete".`,
      );
    }
    const value = parseJson(text);
    const parsed = settings.safeParse(value);
    if (!parsed.success) throw new StateFolderError(this.#whyUnreadable(value));
    const volumes = (await readdir(this.in('volumes')).catch(missing)) ?? [];
    if (!there?.includes('api') && volumes.length > 0) {
      throw new StateFolderError(
        `${this.path} holds volumes but no api folder, which says what they are: it was deleted in part. Restore the folder, or start anew after "vectorcluster down --delete".`,
      );
    }
    return parsed.data;
  }

  async saveSettings(value: Omit<ClusterSettings, 'format'>): Promise<void> {
    const temporary = this.in('cluster.json.new');
    await writeFile(temporary, JSON.stringify({ format, ...value }, undefined, 2));
    await rename(temporary, this.in('cluster.json'));
  }

  /** The process that runs this cluster, if one does. */
  running(): Promise<RunningDaemon | undefined> {
    return runningDaemon(this.in('daemon.pid'));
  }

  /** Makes this process the one that runs the cluster; refused while another is. */
  async claim(): Promise<void> {
    const other = await claim(this.in('daemon.pid'));
    if (other === undefined) return;
    throw new StateFolderError(`this cluster is running already (process ${other.pid}): stop it with "vectorcluster down" first`);
  }

  async markReady(): Promise<void> {
    await markReady(this.in('daemon.pid'));
  }

  async release(): Promise<void> {
    await release(this.in('daemon.pid'));
  }

  /** Removes what belongs to a cluster, and the folder when nothing else is in it. False when there was no cluster. */
  async remove(): Promise<boolean> {
    const there = (await readdir(this.path).catch(missing)) ?? [];
    if (!there.includes('cluster.json') && !there.includes('daemon.log')) return false;
    for (const part of parts) await rm(this.in(part), { recursive: true, force: true });
    await rmdir(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return true;
  }

  #whyUnreadable(value: unknown): string {
    const told = anyFormat.safeParse(value);
    return told.success && told.data.format !== format
      ? `${this.path} was written by another version of this program (format ${told.data.format}, this one reads ${format}): use that version, or start anew after "vectorcluster down --delete".`
      : `${this.in('cluster.json')} is damaged: restore it, or start anew after "vectorcluster down --delete".`;
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
