import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system in memory, of which some machines and containers allow none. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static async mount(path: string, mebibytes: number): Promise<SmallDisk> {
    await mkdir(path, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
    return new SmallDisk(path);
  }

  async grow(mebibytes: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${mebibytes}m`, this.path]);
  }

  /** Takes all but so many bytes. */
  async fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    await using file = await open(this.#ballast, 'w');
    await file.write(Buffer.alloc(Math.max(0, bavail * bsize - left)));
  }

  async free(): Promise<void> {
    await rm(this.#ballast);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', ['-l', this.path]);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

/** Why none can be had here, if none can. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root mounts file systems';
  const folder = await mkdtemp(join(tmpdir(), 'mount-'));
  try {
    await (await SmallDisk.mount(folder, 1))[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}
