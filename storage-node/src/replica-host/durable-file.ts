/** Small files that are there whole or not at all: temporary name, sync, rename, sync of the folder. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await using file = await open(temporary, 'w', 0o600);
  await file.writeFile(text);
  await file.datasync();
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Makes a folder whose name survives a power cut. */
export async function makeFolderDurably(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await syncFolder(join(path, '..'));
}

/** Makes created, renamed and removed names in it durable. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
