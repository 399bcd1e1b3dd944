/** Small files that are there whole or not at all, on the disk as the engine sees it. */
import type { Disk } from '@vectorcluster/engine/log/disk.ts';

export async function writeWhole(disk: Disk, name: string, text: string): Promise<void> {
  const temporary = `${name}.new`;
  {
    await using file = await disk.open(temporary);
    await file.truncate(0);
    await file.append([Buffer.from(text)]);
    await file.sync();
  }
  await disk.rename(temporary, name);
  await disk.syncFolder();
}

export async function readIfThere(disk: Disk, name: string): Promise<string | undefined> {
  if (!(await disk.list()).includes(name)) return undefined;
  await using file = await disk.open(name);
  return (await file.read(0, file.size)).toString();
}

/** Durable when it resolves. */
export async function removeIfThere(disk: Disk, name: string): Promise<void> {
  if (!(await disk.list()).includes(name)) return;
  await disk.remove(name);
  await disk.syncFolder();
}
