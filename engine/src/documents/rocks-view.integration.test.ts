import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DocumentsOpenError } from './documents-errors.ts';
import type { DocumentReader, Documents } from './documents.ts';
import { openRocksDocuments } from './rocks-documents.ts';
import { openRocksView } from './rocks-view.ts';

let folder: string;
let path: string;
let documents: Documents;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rocks-view-'));
  path = join(folder, 'documents');
  documents = await openRocksDocuments(path);
});

afterEach(async () => {
  await documents[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const last = Buffer.from('last');
const everything = { from: Buffer.alloc(0), to: Buffer.alloc(16, 255) };

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

/** Batch n adds row n and says so. */
async function write(number: number): Promise<void> {
  await documents.write([
    { kind: 'put', family: 'meta', key: last, value: keyOf(number) },
    { kind: 'put', family: 'points', key: keyOf(number), value: Buffer.alloc(500, number) },
  ]);
}

async function lastOf(reader: DocumentReader): Promise<number> {
  const [value] = await reader.get('meta', [last]);
  return value?.readUInt32BE(0) ?? 0;
}

test('holds all batches up to one of them, and none behind it, however much is written and flushed meanwhile', async () => {
  let written = 0;
  const done = new AbortController();
  const writing = (async () => {
    for (; !done.signal.aborted; written += 1) {
      await write(written + 1);
      if (written % 20 === 0) await documents.flush();
    }
  })();
  for (let round = 0; round < 25; round += 1) {
    const before = written;
    await using view = await openRocksView(path);
    const reached = await lastOf(view);
    expect(reached).toBeGreaterThanOrEqual(before);
    const found: number[] = [];
    for await (const batch of view.batches('points', everything)) for (const { key } of batch) found.push(key.readUInt32BE(0));
    expect(found).toEqual(Array.from({ length: reached }, (_, index) => index + 1));
  }
  done.abort();
  await writing;
});

test('stays as it was while its files are deleted, and closing it leaves the database alone', async () => {
  await write(1);
  await documents.flush();
  {
    await using view = await openRocksView(path);
    for (let number = 2; number < 40; number += 1) {
      await write(number);
      await documents.flush();
    }
    await documents.write([{ kind: 'delete-range', family: 'points', ...everything }]);
    await documents.flush();
    expect(await lastOf(view)).toBe(1);
    const rows: Buffer[] = [];
    for await (const { key } of view.iterate('points', everything)) rows.push(key);
    expect(rows).toEqual([keyOf(1)]);
  }
  await write(40);
  expect(await lastOf(documents)).toBe(40);
});

test('where no database is, there is no view', async () => {
  await expect(openRocksView(join(folder, 'nothing'))).rejects.toThrow(DocumentsOpenError);
});
