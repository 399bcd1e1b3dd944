/** One run of a container: a process with its own log file, ended by SIGTERM and, after the grace period, SIGKILL. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetProcess, rememberProcess } from './process-record.ts';

export interface ContainerProcessOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  readonly logFile: string;
  readonly recordFolder: string;
  /** namespace/name, for the record. */
  readonly pod: string;
}

export interface Exit {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals | undefined;
}

const logBytesMax = 32 * 1024 * 1024;

export class ContainerProcess {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, exited: Promise<Exit>) {
    this.#child = child;
    this.exited = exited;
  }

  static async start(options: ContainerProcessOptions): Promise<ContainerProcess> {
    await mkdir(dirname(options.logFile), { recursive: true });
    const size = await stat(options.logFile).then(
      (found) => found.size,
      () => 0,
    );
    if (size > logBytesMax) await rename(options.logFile, `${options.logFile}.1`);
    await using log = await open(options.logFile, 'a');
    const [file, ...args] = options.command;
    if (file === undefined) throw new Error(`pod ${options.pod} has an empty command`);
    const child = spawn(file, args, {
      cwd: options.workingFolder,
      env: { ...options.env },
      stdio: ['ignore', log.fd, log.fd],
      // A group of its own: Ctrl-C at the terminal is for the runtime, which ends its Pods in order.
      detached: true,
    });
    await once(child, 'spawn');
    const pid = child.pid;
    const remembered = pid === undefined ? Promise.resolve() : rememberProcess(options.recordFolder, pid, options.pod);
    const exited = once(child, 'exit').then(async ([code, signal]: (number | NodeJS.Signals | null)[]): Promise<Exit> => {
      await remembered.catch(() => {});
      if (pid !== undefined) await forgetProcess(options.recordFolder, pid);
      if (typeof signal === 'string') return { exitCode: 128 + signalNumber(signal), signal };
      return { exitCode: typeof code === 'number' ? code : 1 };
    });
    await remembered.catch(async (error: unknown) => {
      // Without a record nobody would end it after a crash of this process.
      child.kill('SIGKILL');
      await exited;
      throw error;
    });
    return new ContainerProcess(child, exited);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async stop(graceSeconds: number): Promise<Exit> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceSeconds * 1000);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }
}

function signalNumber(signal: NodeJS.Signals): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
  return numbers[signal] ?? 1;
}
