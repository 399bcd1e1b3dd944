/** Programs that end with the process that started them, however that one ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The shell waits for the end of its input, which comes even when we are killed, and then kills the program. */
const tether = '"$@" </dev/null & program=$!; cat >/dev/null; kill -KILL "$program" 2>/dev/null; wait "$program" 2>/dev/null';

export interface TetheredProgram extends AsyncDisposable {
  readonly name: string;
  readonly logFile: string;
}

export function startTethered(name: string, path: string, args: readonly string[], logFile: string): TetheredProgram {
  const log = openSync(logFile, 'a');
  const shell = spawn('sh', ['-c', tether, 'sh', path, ...args], { stdio: ['pipe', log, log] });
  closeSync(log);
  return { name, logFile, [Symbol.asyncDispose]: () => end(shell) };
}

async function end(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exited = once(shell, 'exit');
  shell.stdin?.end();
  await exited;
}

/** The last lines a program wrote, for the message of a failure. */
export async function lastLines(program: TetheredProgram, count = 15): Promise<string> {
  const text = await readFile(program.logFile, 'utf8');
  return text.split('\n').slice(-count).join('\n');
}
