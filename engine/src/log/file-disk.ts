import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { UnreadableError, type Disk, type DiskFile } from './disk.ts';

/** Files of one existing folder. Reads, writes and syncs run on libuv's pool; errors name the path. */
export async function openFileDisk(folder: string): Promise<Disk> {
  await readdir(folder);
  return {
    async open(path) {
      const full = join(folder, path);
      const handle = await open(full, 'a+');
      return new HandleFile(full, handle, (await handle.stat()).size);
    },
    async list() {
      return readdir(folder);
    },
    async remove(path) {
      await rm(join(folder, path));
    },
    async rename(from, to) {
      await rename(join(folder, from), join(folder, to));
    },
    async syncFolder() {
      await using handle = await open(folder, 'r');
      await handle.sync();
    },
  };
}

class HandleFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #size: number;

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async append(buffers: readonly Uint8Array[]): Promise<void> {
    let rest = buffers.filter(({ byteLength }) => byteLength > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#named('write', () => this.#handle.writev(rest));
      this.#size += bytesWritten;
      rest = after(rest, bytesWritten);
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const target = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#named('read', () => this.#handle.read(target, filled, length - filled, offset + filled));
      if (bytesRead === 0) throw new UnreadableError(`${this.#path} ends at byte ${offset + filled}, ${length - filled} bytes early`);
      filled += bytesRead;
    }
    return target;
  }

  async truncate(size: number): Promise<void> {
    await this.#named('truncate', () => this.#handle.truncate(size));
    this.#size = size;
  }

  async sync(): Promise<void> {
    await this.#named('sync', () => this.#handle.datasync());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #named<T>(verb: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      const text = `cannot ${verb} ${this.#path}: ${cause instanceof Error ? cause.message : String(cause)}`;
      if (verb === 'read' && cause instanceof Error && 'code' in cause && cause.code === 'EIO') throw new UnreadableError(text, { cause });
      throw new Error(text, { cause });
    }
  }
}

/** What is left of `buffers` after a write that took `bytes` of them: a nearly full disk takes a part. */
function after(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return buffers.flatMap((buffer) => {
    const skipped = Math.min(skip, buffer.byteLength);
    skip -= skipped;
    return skipped === buffer.byteLength ? [] : [buffer.subarray(skipped)];
  });
}
