/**
 * One node's volume as a file system of its own with little room, so that it can be full while the others' are not: a file that is
 * mounted by loop. Made while the node is down for a moment, with what it had.
 */
import { execFile } from 'node:child_process';
import { cp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalClusterUnderTest } from '../../local-cluster-under-test.ts';
import { whileKubeletsWait } from './processes.ts';

const run = promisify(execFile);
const volumeBytes = 4 * 1024 ** 3;

export class LimitedVolume implements AsyncDisposable {
  readonly node: string;
  readonly #folder: string;
  readonly #image: string;
  readonly #ballast: string;

  private constructor(node: string, folder: string, image: string) {
    this.node = node;
    this.#folder = folder;
    this.#image = image;
    this.#ballast = join(folder, 'ballast');
  }

  /** Or why this machine cannot. */
  static async mount(cluster: LocalClusterUnderTest, node: string): Promise<LimitedVolume | { readonly because: string }> {
    const folder = await cluster.volumeFolder(node);
    const image = `${folder}.ext4`;
    const kept = `${folder}.kept`;
    try {
      await writeFile(image, '');
      await truncate(image, volumeBytes);
      await run('mkfs.ext4', ['-q', '-m', '0', image]);
      await whileKubeletsWait(cluster, node, async () => {
        await cp(folder, kept, { recursive: true });
        await run('mount', ['-o', 'loop', image, folder]);
        await rm(join(folder, 'lost+found'), { recursive: true });
        await cp(kept, folder, { recursive: true });
      });
      return new LimitedVolume(node, folder, image);
    } catch (error) {
      await rm(image, { force: true });
      return { because: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
    } finally {
      await rm(kept, { recursive: true, force: true });
    }
  }

  /** Not a byte is free until what is returned is called. */
  async fill(): Promise<() => Promise<void>> {
    const { bavail, bsize } = await statfs(this.#folder);
    // The last blocks are hard to take exactly: what allocation leaves is taken by writing until there is no room.
    await run('fallocate', ['-l', String(Math.max(1, bavail * bsize - 64 * 1024)), this.#ballast]).catch(() => {});
    await run('dd', ['if=/dev/zero', `of=${this.#ballast}.rest`, 'bs=4096']).catch(() => {});
    return async () => {
      await Promise.all([rm(this.#ballast, { force: true }), rm(`${this.#ballast}.rest`, { force: true })]);
    };
  }

  /** After the cluster was stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.#folder]);
    await rm(this.#image, { force: true });
  }
}
