/** The command as a person meets it: in the right order, in the wrong order, and interrupted. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startedAt } from '../src/kubelet/process-record.ts';
import { StateFolder } from '../src/state-folder.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(state: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, '--state', state, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

async function stateFolder(): Promise<StateFolder> {
  const path = await mkdtemp(join(tmpdir(), 'vectorcluster-cli-'));
  onTestFinished(async () => {
    await run(path, 'down', '--delete');
    await rm(path, { recursive: true, force: true });
  });
  return new StateFolder(path);
}

/** `up` under way: the API server answers, the operator is not ready yet. */
async function comingUp(state: StateFolder): Promise<{ readonly child: ChildProcess; readonly ended: Promise<Ran> }> {
  const child = spawn(process.execPath, [main, '--state', state.path, 'up'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stderr.on('data', (text) => (err += String(text)));
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (text) => {
      out += String(text);
      if (out.includes('API server')) resolve();
    });
  });
  const ended = once(child, 'close').then(([code]): Ran => ({ code: Number(code), out, err }));
  await Promise.race([begun, ended]);
  return { child, ended };
}

async function recordedPids(state: StateFolder): Promise<readonly number[]> {
  const files = await readdir(state.in('processes')).catch(() => []);
  return files.map((file) => Number.parseInt(file, 10));
}

test.for<[string, number, RegExp]>([
  ['status', 3, /^No cluster is running in \S+\. Start it with "vectorcluster up"\.\n$/],
  ['logs', 1, /error: no Pod has run in \S+ yet; start a cluster with "vectorcluster up"\n$/],
  ['kubeconfig', 1, /error: no cluster is running in \S+; start one with "vectorcluster up"\n$/],
  ['down', 0, /^No cluster is running in \S+; nothing to stop\.\n$/],
])('%s where nothing runs', async ([command, code, words]) => {
  const state = await stateFolder();
  const ran = await run(state.path, command);
  expect(ran.out + ran.err).toMatch(words);
  expect(ran.code).toBe(code);
});

test('up where no folder can be made', async () => {
  const state = await stateFolder();
  await writeFile(state.in('file'), '');
  const ran = await run(state.in('file', 'state'), 'up');
  expect(ran.err).toMatch(/is not a folder, or lies below something that is none: name another one with --state/);
  expect(ran.code).toBe(1);
});

test.for([
  [['up', '--nodes', '65'], 'a whole number from 1 to 64 is needed'],
  [['up', '--zones', 'a,,b'], 'names of lower-case letters, digits and hyphens'],
] as const)('%s is refused before anything starts', async ([args, words]) => {
  const state = await stateFolder();
  const ran = await run(state.path, ...args);
  expect(ran.err).toContain(words);
  expect(await readdir(state.path)).toEqual([]);
});

test('a second up, a killed daemon, a lost kubeconfig, another shape', async () => {
  const state = await stateFolder();
  expect(await run(state.path, 'up')).toMatchObject({ code: 0, err: '' });
  const first = await state.running();
  expect(await run(state.path, 'up')).toMatchObject({
    code: 0,
    out: `The cluster in ${state.path} runs already (process ${first?.pid}).\n`,
  });
  await rm(state.in('kubeconfig'));
  expect((await run(state.path, 'status')).out).toContain(
    'its kubeconfig is gone: "vectorcluster down", then "vectorcluster up" writes it',
  );

  const orphans = await recordedPids(state);
  expect(orphans).toHaveLength(1);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  const again = await run(state.path, 'up');
  expect(again.out).toContain('ended 1 process that an earlier run left behind');
  expect(again.code).toBe(0);
  expect(await startedAt(orphans[0] ?? 0)).toBeUndefined();
  expect((await run(state.path, 'status')).out).toContain('✓ vectorcluster-system/vectorcluster-operator on local-a at 127.');
  expect(await run(state.path, 'kubeconfig')).toMatchObject({ code: 0, out: `${state.in('kubeconfig')}\n` });
  expect(await run(state.path, 'logs')).toMatchObject({ code: 0, out: 'vectorcluster-operator\n' });

  expect(await run(state.path, 'down')).toMatchObject({ code: 0, out: 'The cluster is stopped.\n' });
  expect(await recordedPids(state)).toEqual([]);
  const other = await run(state.path, 'up', '--nodes', '5');
  expect(other.err).toContain('this cluster has 3 nodes in zones a, b, c: leave --nodes and --zones out, or start anew');
  expect(other.code).toBe(1);
});

test('Ctrl-C while it comes up leaves nothing running', async () => {
  const state = await stateFolder();
  const { child, ended } = await comingUp(state);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, out: expect.stringContaining('Stopped before it was up.') });
  expect(await state.running()).toBeUndefined();
  expect(await recordedPids(state)).toEqual([]);
});

test('down, and another up, while it comes up', async () => {
  const state = await stateFolder();
  const { ended } = await comingUp(state);
  expect((await run(state.path, 'up')).out).toMatch(/is coming up already: see "vectorcluster status"|runs already/);
  expect(await run(state.path, 'down')).toMatchObject({ code: 0, out: 'The cluster is stopped.\n' });
  const ran = await ended;
  // It may just have come up when it was stopped.
  expect(ran.code === 0 || ran.err.includes('it was stopped while it came up')).toBe(true);
  expect(await state.running()).toBeUndefined();
  expect(JSON.parse(await readFile(state.in('cluster.json'), 'utf8'))).toMatchObject({ format: 1, nodes: 3 });
});
