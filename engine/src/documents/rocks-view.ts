/**
 * A view of a database that another thread has open and goes on writing to, through a handle of its own that only reads. Nothing tells
 * the writer of it, so files may go while it opens: what a file of the log held is in the manifest before that file is deleted, and so a
 * manifest that is the same before and after says that nothing was missed. All files are open then, and stay readable when deleted.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentsOpenError } from './documents-errors.ts';
import type { DocumentView } from './documents.ts';
import { readyWithin, RocksReader } from './rocks-documents.ts';
import { RocksDB } from './rocksdb-native.ts';

/** It changes with each flush and compaction: a few a minute on a busy node, and opening takes milliseconds. */
const attemptsMax = 20;
const openTimeoutMs = 60_000;

/** Holds every write that had resolved before. What was not flushed is read into memory: flush before. Throws DocumentsOpenError. */
export async function openRocksView(path: string): Promise<DocumentView> {
  let cause: unknown;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const before = await manifestOf(path);
    const database = new RocksDB(path, { readOnly: true, createIfMissing: false });
    try {
      await readyWithin(database, path, openTimeoutMs);
    } catch (error) {
      cause = error;
      continue;
    }
    if (before !== undefined && (await manifestOf(path)) === before) return new RocksReader(database);
    await database.close({ force: true });
  }
  throw new DocumentsOpenError(path, 'it changed each time it was read', { cause });
}

/** Its name and length; undefined while it is replaced. */
async function manifestOf(path: string): Promise<string | undefined> {
  try {
    const name = (await readFile(join(path, 'CURRENT'), 'utf8')).trim();
    return `${name} ${(await stat(join(path, name))).size}`;
  } catch {
    return undefined;
  }
}
