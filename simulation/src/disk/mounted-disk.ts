/** A disk as one process sees it: syncs take time, and a process that has ended learns of nothing any more. */
import type { Disk, DiskFile } from '@vectorcluster/engine/log/disk.ts';
import type { Process } from '../time/process.ts';

const never = new Promise<never>(() => {});

export function mountDisk(disk: Disk, process: Process, syncTime: () => number, syncsLie = false): Disk {
  const whileAlive = <Result>(act: () => Promise<Result>): Promise<Result> => (process.isAlive ? act() : never);
  const later = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    if (!process.isAlive) return await never;
    await process.takes(syncTime(), name);
    return await act();
  };
  const file = (opened: DiskFile): DiskFile => ({
    get size() {
      return opened.size;
    },
    append: (buffers) => whileAlive(() => opened.append(buffers)),
    read: (offset, length) => whileAlive(() => opened.read(offset, length)),
    truncate: (size) => whileAlive(() => opened.truncate(size)),
    sync: () =>
      later('sync', async () => {
        if (!syncsLie) await opened.sync();
      }),
    [Symbol.asyncDispose]: () => whileAlive(async () => await opened[Symbol.asyncDispose]()),
  });
  return {
    open: (path) => whileAlive(async () => file(await disk.open(path))),
    list: () => whileAlive(() => disk.list()),
    remove: (path) => whileAlive(() => disk.remove(path)),
    rename: (from, to) => whileAlive(() => disk.rename(from, to)),
    syncFolder: () => later('sync folder', () => disk.syncFolder()),
  };
}
