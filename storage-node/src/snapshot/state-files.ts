/** Saved segments of a replica, held open as they are now: one that is replaced or removed later is still read to its end. */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isSnapshotFile } from './part-format.ts';

/** More than a replica of any sensible size has; bounds the open files. */
const filesMax = 1024;

export interface StateFile {
  readonly name: string;
  readonly size: number;
  readonly handle: FileHandle;
}

export class StateFiles implements AsyncDisposable {
  readonly files: readonly StateFile[];

  private constructor(files: readonly StateFile[]) {
    this.files = files;
  }

  /** Files only ever spare work: those that cannot be opened, and those beyond the bound, are left out. */
  static async open(folder: string | undefined): Promise<StateFiles> {
    const names = folder === undefined ? [] : await readdir(folder).catch(() => []);
    const files: StateFile[] = [];
    for (const name of names.filter(isSnapshotFile).toSorted().slice(0, filesMax)) {
      const handle = await open(join(folder ?? '', name), 'r').catch(() => undefined);
      if (handle) files.push({ name, handle, size: (await handle.stat()).size });
    }
    return new StateFiles(files);
  }

  get bytes(): number {
    return this.files.reduce((sum, { size }) => sum + size, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { handle } of this.files) await handle.close();
  }
}
