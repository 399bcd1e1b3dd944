import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { DocumentsOpenError, UnreadableDocumentsError } from './documents-errors.ts';
import type { ColumnFamily, DocumentReader, Documents, DocumentWrite } from './documents.ts';
import { MemoryDocuments, MemoryDocumentStore } from './memory-documents.ts';
import { packingLibrary } from './native-packing.ts';
import { packRows } from './packed-rows.ts';
import { openRocksDocuments } from './rocks-documents.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'));
  folders.push(folder);
  return folder;
}

/** Each call of the result opens the same documents. */
const stores: Record<string, () => Promise<() => Promise<Documents>>> = {
  memory: async () => {
    const store = new MemoryDocumentStore();
    return async () => new MemoryDocuments(store);
  },
  rocksdb: async () => {
    const folder = await makeFolder();
    return () => openRocksDocuments(join(folder, 'documents'));
  },
};

const noise = (count: number): string => Array.from({ length: count }, (_, index) => String(Math.sin(index))).join('');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const put = (family: ColumnFamily, key: string, value: string): DocumentWrite => ({
  kind: 'put',
  family,
  key: bytes(key),
  value: bytes(value),
});
const remove = (family: ColumnFamily, key: string): DocumentWrite => ({ kind: 'delete', family, key: bytes(key) });
const removeRange = (family: ColumnFamily, from: string, to: string): DocumentWrite => ({
  kind: 'delete-range',
  family,
  from: bytes(from),
  to: bytes(to),
});

async function rows(reader: DocumentReader, family: ColumnFamily, from = '', to = '\xff\xff\xff', limit?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of reader.iterate(family, { from: bytes(from), to: bytes(to), limit })) {
    found.push(`${key.toString('latin1')}=${value.toString('latin1')}`);
  }
  return found;
}

describe.for(Object.entries(stores))('%s', ([, make]) => {
  test('gives one value per key in order, empty ones and missing ones apart', async () => {
    await using documents = await (await make())();
    await documents.write([put('points', 'a', '1'), put('points', 'empty', ''), put('ids', 'a', 'other family')]);
    const values = await documents.get('points', [bytes('missing'), bytes('empty'), bytes('a'), bytes('a')]);
    expect(values.map((value) => value?.toString('latin1'))).toEqual([undefined, '', '1', '1']);
    expect(await documents.get('points', [])).toEqual([]);
  });

  test('iterates bytewise from the first key to before the last, up to the limit, in one family', async () => {
    await using documents = await (await make())();
    await documents.write(['b', '\xff', 'a', '\x00', 'ab', 'c'].map((key) => put('points', key, key)));
    await documents.write([put('ids', 'b', 'x'), put('vectors', 'b', 'x')]);
    expect(await rows(documents, 'points')).toEqual(['\x00=\x00', 'a=a', 'ab=ab', 'b=b', 'c=c', '\xff=\xff']);
    expect(await rows(documents, 'points', 'a', 'c')).toEqual(['a=a', 'ab=ab', 'b=b']);
    expect(await rows(documents, 'points', 'a', 'c', 2)).toEqual(['a=a', 'ab=ab']);
    expect(await rows(documents, 'points', 'a', 'c', 0)).toEqual([]);
    expect(await rows(documents, 'points', 'c', 'a')).toEqual([]);
    expect(await rows(documents, 'points', 'a', '')).toEqual([]);
  });

  test('iterates over more rows than one fetch takes, and an abandoned iteration holds nothing up', async () => {
    await using documents = await (await make())();
    const keys = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, '0'));
    await documents.write(keys.map((key) => put('points', key, key)));
    expect(await rows(documents, 'points')).toEqual(keys.map((key) => `${key}=${key}`));
    expect(await rows(documents, 'points', '0100', '0900', 512)).toHaveLength(512);
    for await (const { key } of documents.iterate('points', { from: bytes(''), to: bytes('\xff') })) {
      expect(key.toString()).toBe('0000');
      break;
    }
  });

  test('applies the writes of a batch in their order', async () => {
    await using documents = await (await make())();
    await documents.write([put('meta', 'a', '1'), put('meta', 'b', '1'), put('meta', 'c', '1')]);
    await documents.write([
      removeRange('meta', 'a', 'c'),
      put('meta', 'a', '2'),
      remove('meta', 'c'),
      put('meta', 'd', '1'),
      remove('meta', 'd'),
    ]);
    expect(await rows(documents, 'meta')).toEqual(['a=2']);
    await documents.write([removeRange('meta', 'z', 'a'), removeRange('ids', 'a', 'z')]);
    expect(await rows(documents, 'meta')).toEqual(['a=2']);
    await documents.write([]);
  });

  test('packs rows until there is no room, or as many as are asked for, and tells which one is next', async () => {
    await using documents = await (await make())();
    await documents.write([
      put('points', 'p-a', 'one'),
      put('points', 'p-bb', ''),
      put('points', 'p-c', 'three'),
      put('vectors', 'p-d', 'x'),
    ]);
    await using view = documents.snapshot();
    await documents.write([put('points', 'p-ab', 'not seen')]);
    const into = Buffer.alloc(100, '.');
    const pack = async (from: string, room: number, limit = 100) =>
      await view.pack('points', { from: bytes(from), to: bytes('p-\xff') }, { into: into.subarray(0, room), omitted: 2, limit });
    const packed = ['\x01\x01\0\x03\0\0\0aone', '\x01\x02\0\0\0\0\0bb', '\x01\x01\0\x05\0\0\0cthree'];
    expect(await pack('', 100)).toEqual({ bytes: 33, rows: 3, next: undefined });
    expect(into.toString('latin1', 0, 34)).toBe(`${packed.join('')}.`);
    expect(await pack('p-a', 32)).toEqual({ bytes: 20, rows: 2, next: { key: bytes('p-c'), bytes: 13 } });
    expect(await pack('p-c', 12)).toEqual({ bytes: 0, rows: 0, next: { key: bytes('p-c'), bytes: 13 } });
    expect(await pack('p-bb', 100, 1)).toEqual({ bytes: 9, rows: 1, next: { key: bytes('p-c'), bytes: 13 } });
    expect(into.toString('latin1', 0, 9)).toBe(packed[1]);
    expect(await pack('p-d', 100)).toEqual({ bytes: 0, rows: 0, next: undefined });
    expect(await pack('z', 100)).toEqual({ bytes: 0, rows: 0, next: undefined });
  });

  test('a snapshot does not move, in any family, and others do', async () => {
    await using documents = await (await make())();
    await documents.write([put('ids', 'a', '1'), put('meta', 'a', '1')]);
    {
      await using before = documents.snapshot();
      await documents.write([put('ids', 'a', '2'), remove('meta', 'a'), put('meta', 'b', '2')]);
      await documents.flush();
      expect([await rows(before, 'ids'), await rows(before, 'meta')]).toEqual([['a=1'], ['a=1']]);
      expect((await before.get('ids', [bytes('a')]))[0]?.toString()).toBe('1');
    }
    expect([await rows(documents, 'ids'), await rows(documents, 'meta')]).toEqual([['a=2'], ['b=2']]);
  });

  test('holds after flush and reopen what was written', async () => {
    const open = await make();
    {
      await using documents = await open();
      await documents.write([put('vectors', 'a', 'x'.repeat(100_000))]);
      await documents.flush();
      await documents.write([put('vectors', 'b', '2')]);
    }
    await using documents = await open();
    expect((await rows(documents, 'vectors')).map((row) => row.length)).toEqual([100_002, 3]);
  });

  test('tells about how much a range takes, flushed or not, and not what lies beside it', async () => {
    await using documents = await (await make())();
    const write = async (first: string) =>
      await documents.write(Array.from({ length: 200 }, (_, index) => put('vectors', `${first}${index}`, noise(200))));
    await write('a');
    await documents.flush();
    await write('b');
    await write('c');
    const { length } = noise(200);
    const both = await documents.approximateBytes('vectors', { from: bytes('a'), to: bytes('c') });
    expect(both).toBeGreaterThan(0.8 * 400 * length);
    expect(both).toBeLessThan(1.5 * 400 * length);
    expect(await documents.approximateBytes('points', { from: bytes('a'), to: bytes('c') })).toBeLessThan(length);
  });

  test('refuses to work once closed', async () => {
    const documents = await (await make())();
    await documents[Symbol.asyncDispose]();
    await documents[Symbol.asyncDispose]();
    await expect(documents.get('ids', [bytes('a')])).rejects.toThrow('closed');
    await expect(documents.write([put('ids', 'a', '1')])).rejects.toThrow('closed');
  });
});

test.runIf(process.platform === 'linux')('rows are packed by the addon: the version of the package is the one that is known', () => {
  expect(packingLibrary).toBeDefined();
});

test('rows of any sizes are packed alike by the addon and from an iteration, in any room', async () => {
  const folder = await makeFolder();
  await using documents = await openRocksDocuments(join(folder, 'documents'));
  const everything = { from: bytes(''), to: bytes('\xff') };
  const size = fc.oneof(fc.integer({ max: 40, min: 0 }), fc.integer({ max: 20_000, min: 0 }));
  const cases = fc.tuple(fc.array(size, { maxLength: 400 }), fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 500 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([sizes, room, limit]) => {
      await documents.write([removeRange('points', '', '\xff')]);
      await documents.write(sizes.map((length, index) => put('points', `p${String(index).padStart(4, '0')}`, '~'.repeat(length))));
      await using view = documents.snapshot();
      const [here, there] = [Buffer.alloc(room), Buffer.alloc(room)];
      const byAddon = await view.pack('points', everything, { into: here, omitted: 1, limit });
      expect(byAddon).toEqual(await packRows('points', view.iterate('points', everything), { into: there, omitted: 1, limit }));
      expect(here.subarray(0, byAddon.bytes).equals(there.subarray(0, byAddon.bytes))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a damaged block is not packed', async () => {
  const path = join(await makeFolder(), 'documents');
  {
    await using documents = await openRocksDocuments(path);
    await documents.write(Array.from({ length: 500 }, (_, index) => put('points', String(index), noise(50))));
    await documents.flush();
  }
  const [name = ''] = (await readdir(path)).filter((each) => each.endsWith('.sst'));
  await using file = await open(join(path, name), 'r+');
  await file.write(Buffer.alloc(64), 0, 64, 100_000);
  await using documents = await openRocksDocuments(path);
  await using view = documents.snapshot();
  const packing = { into: Buffer.alloc(1_000_000), omitted: 0, limit: 1000 };
  await expect(view.pack('points', { from: bytes(''), to: bytes('\xff') }, packing)).rejects.toThrow(UnreadableDocumentsError);
});

test('both stores hold the same after any batches', async () => {
  const key = fc.constantFrom('', 'a', 'aa', 'b', '\x00', '\xff', 'c');
  const family = fc.constantFrom('ids' as const, 'points' as const);
  const write = fc.oneof(
    fc.tuple(family, key, fc.string({ maxLength: 3 })).map((args) => put(...args)),
    fc.tuple(family, key).map((args) => remove(...args)),
    fc.tuple(family, key, key).map((args) => removeRange(...args)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { maxLength: 8 }), { maxLength: 8 }), async (batches) => {
      const folder = await makeFolder();
      await using rocks = await openRocksDocuments(join(folder, 'documents'));
      await using memory = new MemoryDocuments();
      for (const batch of batches) {
        await rocks.write(batch);
        await memory.write(batch);
        for (const each of ['ids', 'points'] as const) expect(await rows(rocks, each)).toEqual(await rows(memory, each));
      }
    }),
    { numRuns: 20 },
  );
});

describe('a RocksDB database that cannot be opened says why', () => {
  test('no parent folder', async () => {
    const folder = await makeFolder();
    await expect(openRocksDocuments(join(folder, 'absent', 'documents'))).rejects.toThrow(/parent folder cannot be read/);
  });

  test('open already', async () => {
    const folder = await makeFolder();
    await using _first = await openRocksDocuments(join(folder, 'documents'));
    const again = openRocksDocuments(join(folder, 'documents'));
    await expect(again).rejects.toBeInstanceOf(DocumentsOpenError);
    await expect(again).rejects.toThrow(/open already/);
  });
});
