import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { ContainerProcess } from './container-process.ts';
import { endLeftovers, startedAt } from './process-record.ts';

async function folders() {
  const root = await mkdtemp(join(tmpdir(), 'container-process-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return { root, logFile: join(root, 'logs', 'c.log'), recordFolder: join(root, 'processes') };
}

function start(script: string, where: Awaited<ReturnType<typeof folders>>) {
  const { root, logFile, recordFolder } = where;
  const command = [process.execPath, '-e', script];
  return ContainerProcess.start({ command, env: { WORD: 'hello' }, workingFolder: root, logFile, recordFolder, pod: 'default/x' });
}

const untilWritten = async (file: string, text: string): Promise<void> => {
  while (!(await readFile(file, 'utf8')).includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('output goes to the log, the exit code is told, the record is gone', async () => {
  const where = await folders();
  const run = await start('console.log(process.env.WORD); console.error("oops"); process.exit(3)', where);
  expect(await run.exited).toEqual({ exitCode: 3 });
  expect(await readFile(where.logFile, 'utf8')).toBe('hello\noops\n');
  expect(await readdir(where.recordFolder)).toEqual([]);
});

test('stop asks by SIGTERM first', async () => {
  const where = await folders();
  const run = await start('process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)', where);
  await untilWritten(where.logFile, 'up');
  expect(await run.stop(30)).toEqual({ exitCode: 0 });
});

test('a process that ignores SIGTERM is killed after the grace period', async () => {
  const where = await folders();
  const run = await start('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)', where);
  await untilWritten(where.logFile, 'up');
  expect(await run.stop(0.1)).toEqual({ exitCode: 137, signal: 'SIGKILL' });
});

test('what a killed runtime left behind is ended by its record, and nothing else is', async () => {
  const where = await folders();
  const run = await start('console.log("up"); setInterval(() => {}, 1000)', where);
  const bystander = await start('console.log("up"); setInterval(() => {}, 1000)', {
    ...where,
    recordFolder: join(where.root, 'elsewhere'),
  });
  const pid = bystander.pid ?? 0;
  try {
    expect(await endLeftovers(where.recordFolder)).toEqual(['default/x']);
    expect(await run.exited).toEqual({ exitCode: 137, signal: 'SIGKILL' });
    expect(await startedAt(pid)).toBeDefined();
  } finally {
    await bystander.stop(0);
  }
});
