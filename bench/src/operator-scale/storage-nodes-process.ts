/** The process that stands for all storage nodes, as a child. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds } from '../cpu-time.ts';

const main = fileURLToPath(new URL('storage-nodes/main.ts', import.meta.url));

export class StorageNodesProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<StorageNodesProcess> {
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const started = new StorageNodesProcess(child);
    const [first]: unknown[] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (!Buffer.isBuffer(first)) throw new Error('the process in the place of storage nodes ended before it was ready');
    return started;
  }

  async cpuSeconds(): Promise<number> {
    return this.#child.pid === undefined ? Number.NaN : (await cpuMicroseconds([this.#child.pid])) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(killing);
  }
}
