import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { StoredObject } from '../core/object.ts';
import { openStore, type PersistentStore } from './persistent-store.ts';

const thing = (name: string, value = 0): StoredObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name }, value });
const nobody = (): void => {};

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'store-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const open = (directory: string, snapshotAfterBytes?: number): Promise<PersistentStore> =>
  openStore({ directory, onFailure: nobody, ...(snapshotAfterBytes !== undefined && { snapshotAfterBytes }) });

const journalsOf = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith('journal-')).toSorted();

test('what was written is there after a restart, with its revision and its past', () =>
  inDirectory(async (directory) => {
    const first = await open(directory);
    const start = first.store.revision;
    for (let value = 0; value < 20; value += 1) first.store.write('things', thing('a', value));
    first.store.write('things', thing('b'));
    first.store.remove('things', '/b');
    await first.settled();
    const { revision } = first.store;
    await first[Symbol.asyncDispose]();

    await using second = await open(directory);
    expect(second.store.revision).toBe(revision);
    expect(second.store.get('things', '/a')).toMatchObject({ value: 19 });
    expect(second.store.get('things', '/b')).toBeUndefined();
    expect(second.store.changesAfter(start)).toHaveLength(22);
  }));

test('watches hear of a change only when it is on disk', () =>
  inDirectory(async (directory) => {
    await using opened = await open(directory);
    const heard: number[] = [];
    opened.store.subscribe((change) => heard.push(change.revision));
    opened.store.write('things', thing('a'));
    expect(heard).toEqual([]);
    await opened.settled();
    expect(heard).toEqual([opened.store.revision]);
    const [journal = ''] = await journalsOf(directory);
    expect(await readFile(join(directory, journal), 'utf8')).toContain('"name":"a"');
  }));

test('snapshots replace journals and lose nothing', () =>
  inDirectory(async (directory) => {
    const first = await open(directory, 2_000);
    for (let value = 0; value < 100; value += 1) {
      first.store.write('things', thing(`n${value % 7}`, value));
      await first.settled();
    }
    const { revision } = first.store;
    await first[Symbol.asyncDispose]();
    expect(await journalsOf(directory)).toHaveLength(1);
    await using second = await open(directory);
    expect(second.store.revision).toBe(revision);
    expect([...second.store.values('things')].map((object) => Number(object['value'])).toSorted((left, right) => left - right)).toEqual([
      93, 94, 95, 96, 97, 98, 99,
    ]);
  }));

/** Three things in one journal, handed over after its end was tampered with. */
async function reopenedAfter(
  tamper: (path: string, text: string) => Promise<void>,
  check: (reopened: Promise<PersistentStore>) => Promise<void>,
): Promise<void> {
  await inDirectory(async (directory) => {
    const first = await open(directory);
    for (const name of ['a', 'b', 'c']) first.store.write('things', thing(name));
    await first.settled();
    await first[Symbol.asyncDispose]();
    const [journal = ''] = await journalsOf(directory);
    const path = join(directory, journal);
    await tamper(path, await readFile(path, 'utf8'));
    await check(open(directory));
  });
}

async function countIn(reopened: Promise<PersistentStore>): Promise<number> {
  await using opened = await reopened;
  return [...opened.store.values('things')].length;
}

test('a half-written record at the end is cut off', () =>
  reopenedAfter(
    (path) => appendFile(path, '0bad'),
    async (reopened) => expect(await countIn(reopened)).toBe(3),
  ));

test('a record that lost its end is cut off', () =>
  reopenedAfter(
    (path, text) => truncate(path, text.length - 5),
    async (reopened) => expect(await countIn(reopened)).toBe(2),
  ));

test('damage before the end is told, not served', () =>
  reopenedAfter(
    (path, text) => writeFile(path, text.replace('"name":"a"', '"name":"x"')),
    async (reopened) => expect(reopened).rejects.toThrow(/is damaged/),
  ));

test('kill -9 at random moments loses nothing that was acknowledged', { timeout: 60_000 }, () =>
  inDirectory(async (directory) => {
    const writer = fileURLToPath(new URL('../../testing/journal-writer.ts', import.meta.url));
    let acknowledged = 0;
    for (let round = 0; round < 6; round += 1) {
      const child = spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      let lines = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        lines += 1;
        if (lines === 20 + round * 13) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await using reopened = await open(directory);
      expect(reopened.store.revision).toBeGreaterThanOrEqual(acknowledged);
      expect(Number(reopened.store.get('things', '/counter')?.['value'])).toBeGreaterThanOrEqual(acknowledged);
    }
    expect(acknowledged).toBeGreaterThan(100);
  }),
);
