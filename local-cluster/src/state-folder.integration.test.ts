import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

async function folder(): Promise<StateFolder> {
  const path = await mkdtemp(join(tmpdir(), 'state-folder-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return new StateFolder(path);
}

const shape = { octet: 16, port: 6443, nodes: 3, zones: ['a', 'b', 'c'] };

async function fill(state: StateFolder): Promise<void> {
  await state.saveSettings(shape);
  await mkdir(state.in('api'));
  await mkdir(state.in('volumes', 'pvc-1'), { recursive: true });
}

test('an empty folder is a new cluster, a filled one comes back as it was', async () => {
  const state = await folder();
  expect(await state.settings()).toBeUndefined();
  await fill(state);
  expect(await state.settings()).toEqual({ ...shape, format: 1 });
});

test.for<[string, string, RegExp]>([
  ['cluster.json', 'gone', /holds parts of a cluster but no cluster.json: it was deleted in part. Restore the file, or start anew/],
  ['api', 'gone', /holds volumes but no api folder, which says what they are: it was deleted in part. Restore the folder, or start anew/],
  ['cluster.json', '{"octet":', /cluster.json is damaged: restore it, or start anew/],
  ['cluster.json', '{"format":2,"network":"127.16"}', /was written by another version of this program \(format 2, this one reads 1\)/],
])('%s %s is refused, with what to do', async ([part, become, words]) => {
  const state = await folder();
  await fill(state);
  await rm(state.in(part), { recursive: true });
  if (become !== 'gone') await writeFile(state.in(part), become);
  await expect(state.settings()).rejects.toThrow(words);
});

test('many processes want one folder at once, and one gets it', async () => {
  const state = await folder();
  const script = `
    import { StateFolder } from ${JSON.stringify(new URL('./state-folder.ts', import.meta.url).href)};
    try { await new StateFolder(${JSON.stringify(state.path)}).claim(); process.send('mine'); } catch (error) { process.send(error.message); }
    process.on('message', () => process.exit());`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const answers = await Promise.all(children.map(async (child) => String((await once(child, 'message'))[0])));
  const ends = children.map((child) => once(child, 'exit'));
  const holder = children[answers.indexOf('mine')];
  expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1);
  expect(answers.filter((answer) => answer.startsWith(`this cluster is running already (process ${holder?.pid})`))).toHaveLength(5);
  expect(await state.running()).toEqual({ pid: holder?.pid, ready: false });

  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ends);
  expect(await state.running()).toBeUndefined();
  await state.claim();
  expect(await state.running()).toEqual({ pid: process.pid, ready: false });
  await state.markReady();
  expect(await state.running()).toEqual({ pid: process.pid, ready: true });
  await state.release();
});

test('only what belongs to a cluster is ever removed', async () => {
  const state = await folder();
  await mkdir(state.in('logs'));
  expect(await state.remove()).toBe(false);
  expect(await readdir(state.path)).toEqual(['logs']);
  await fill(state);
  await writeFile(state.in('thesis.md'), 'mine');
  expect(await state.remove()).toBe(true);
  expect(await readdir(state.path)).toEqual(['thesis.md']);
});
