/** One line a change: crc32 of the rest as eight hex digits, a space, JSON. */
import { open, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isObject, type Json } from '../core/json.ts';
import { readObject } from '../core/metadata.ts';
import type { StoredObject } from '../core/object.ts';

export interface JournalRecord {
  readonly revision: number;
  readonly storage: string;
  readonly key: string;
  /** Undefined: removed. */
  readonly object: StoredObject | undefined;
}

export type JournalRead =
  | { readonly kind: 'read'; readonly records: readonly JournalRecord[] }
  | { readonly kind: 'damaged'; readonly why: string };

export function journalLine(record: JournalRecord): string {
  const { revision, storage, key, object } = record;
  const json = JSON.stringify({ revision, storage, key, object: object ?? null });
  return `${checksum(json)} ${json}\n`;
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/** `isLast`: what a crash left half written at its end is cut off. */
export async function readJournal(path: string, isLast: boolean): Promise<JournalRead> {
  const bytes = await readFile(path);
  const records: JournalRecord[] = [];
  let position = 0;
  while (position < bytes.length) {
    const end = bytes.indexOf(0x0a, position);
    const record = end < 0 ? undefined : parseLine(bytes.toString('utf8', position, end));
    if (record === undefined) {
      // A torn write has nothing whole behind it; a whole record there means that this one was once good.
      if (!isLast || hasWholeRecord(bytes, end)) return { kind: 'damaged', why: `a bad record at byte ${position}` };
      await cutOff(path, position);
      break;
    }
    records.push(record);
    position = end + 1;
  }
  return { kind: 'read', records };
}

function hasWholeRecord(bytes: Buffer, from: number): boolean {
  let position = from < 0 ? bytes.length : from + 1;
  while (position < bytes.length) {
    const end = bytes.indexOf(0x0a, position);
    if (end < 0) return false;
    if (parseLine(bytes.toString('utf8', position, end)) !== undefined) return true;
    position = end + 1;
  }
  return false;
}

async function cutOff(path: string, length: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.truncate(length);
  await file.sync();
}

function parseLine(line: string): JournalRecord | undefined {
  const text = line.slice(9);
  if (line[8] !== ' ' || checksum(text) !== line.slice(0, 8)) return undefined;
  const json: Json = JSON.parse(text);
  if (!isObject(json)) return undefined;
  const { revision, storage, key, object } = json;
  if (typeof revision !== 'number' || typeof storage !== 'string' || typeof key !== 'string') return undefined;
  return { revision, storage, key, object: isObject(object) ? readObject(object) : undefined };
}
