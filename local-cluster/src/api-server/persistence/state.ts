/** One state directory: the newest snapshot, and the journals after it. */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json } from '../core/json.ts';
import { readObject } from '../core/metadata.ts';
import type { StoredObject } from '../core/object.ts';
import { readJournal, type JournalRecord } from './journal-file.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';

export class DamagedStateError extends Error {
  override readonly name = 'DamagedStateError';
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path} is damaged (${why}): restore it from a copy, or remove the state directory to start with an empty cluster`);
    this.path = path;
  }
}

export interface SnapshotEntry {
  readonly storage: string;
  readonly object: StoredObject;
}

export interface LoadedState {
  readonly snapshot: { readonly revision: number; readonly entries: readonly SnapshotEntry[] } | undefined;
  readonly records: readonly JournalRecord[];
}

const snapshotName = /^snapshot-(\d{16})\.json$/;
const journalName = /^journal-(\d{16})\.log$/;

export const journalPath = (directory: string, revision: number): string => join(directory, `journal-${padded(revision)}.log`);
const snapshotPath = (directory: string, revision: number): string => join(directory, `snapshot-${padded(revision)}.json`);
const padded = (revision: number): string => String(revision).padStart(16, '0');

/** Reads everything durable. A torn end of the last journal is cut off, any other damage is an error. */
export async function loadState(directory: string): Promise<LoadedState> {
  const names = (await readdir(directory)).toSorted();
  for (const name of names.filter((each) => each.endsWith('.tmp'))) await rm(join(directory, name), { force: true });
  const newest = names.filter((name) => snapshotName.test(name)).at(-1);
  const snapshot = newest === undefined ? undefined : await readSnapshot(join(directory, newest));
  const journals = names.filter((name) => journalName.test(name));
  const records: JournalRecord[] = [];
  for (const [index, name] of journals.entries()) {
    const path = join(directory, name);
    const read = await readJournal(path, index === journals.length - 1);
    if (read.kind === 'damaged') throw new DamagedStateError(path, read.why);
    records.push(...read.records.filter((record) => record.revision > (snapshot?.revision ?? 0)));
  }
  checkGapless(directory, snapshot?.revision ?? 1, records);
  return { snapshot, records };
}

function checkGapless(directory: string, start: number, records: readonly JournalRecord[]): void {
  let expected = start + 1;
  for (const { revision } of records) {
    if (revision !== expected) throw new DamagedStateError(directory, `revision ${expected} is missing, ${revision} follows`);
    expected += 1;
  }
}

async function readSnapshot(path: string): Promise<NonNullable<LoadedState['snapshot']>> {
  let json: Json;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new DamagedStateError(path, cause instanceof Error ? cause.message : 'unreadable');
  }
  if (!isObject(json) || typeof json['revision'] !== 'number' || !Array.isArray(json['entries']))
    throw new DamagedStateError(path, 'not a snapshot');
  const entries = json['entries'].map((entry) => {
    if (!isObject(entry) || typeof entry['storage'] !== 'string' || !isObject(entry['object']))
      throw new DamagedStateError(path, 'not a snapshot entry');
    return { storage: entry['storage'], object: readObject(entry['object']) };
  });
  return { revision: json['revision'], entries };
}

/** Writes a snapshot, then removes what it replaces. Journals that start at or after it stay. */
export async function writeSnapshot(directory: string, revision: number, entries: Iterable<SnapshotEntry>): Promise<void> {
  const path = snapshotPath(directory, revision);
  await writeDurably(`${path}.tmp`, JSON.stringify({ revision, entries: [...entries] }));
  await rename(`${path}.tmp`, path);
  await syncDirectory(directory);
  for (const name of await readdir(directory)) {
    const older = snapshotName.exec(name) ?? journalName.exec(name);
    if (older?.[1] !== undefined && Number(older[1]) < revision) await rm(join(directory, name));
  }
}
