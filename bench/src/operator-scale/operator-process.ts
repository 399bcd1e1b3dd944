/** The operator as it is installed, as a child process, against KUBECONFIG. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds } from '../cpu-time.ts';
import { apiCalls } from './api-calls.ts';
import { parseMetrics, sumOf, type Sample } from './prometheus-text.ts';

/** Where its sources are. */
export const operatorSources: string = fileURLToPath(import.meta.resolve('@vectorcluster/operator/main.ts'));

const leadsWithinMs = 120_000;

/** For how long it must have written nothing: longer than it waits between looks at what is about to be ready. */
const quietMs = 4000;

export interface OperatorProcessOptions {
  readonly main: string;
  readonly namespace: string;
  /** Of Node, such as --cpu-prof. */
  readonly nodeOptions: readonly string[];
  /** Of the process, beside what it is told of this run. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logLevel: string;
}

export class OperatorProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #failed = new AbortController();
  #isStopping = false;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    child.once('exit', (code, signal) => {
      if (!this.#isStopping) this.#failed.abort(new Error(`the operator ended by itself (${code ?? signal}); its log says why`));
    });
  }

  /** When it leads. */
  static async start({ main, namespace, nodeOptions, environment, logLevel }: OperatorProcessOptions): Promise<OperatorProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, [...nodeOptions, main], {
      env: {
        ...environment,
        PATH: process.env['PATH'],
        KUBECONFIG: process.env['KUBECONFIG'],
        NAMESPACE: namespace,
        LISTEN_HOST: '127.0.0.1',
        METRICS_PORT: String(port),
        LOG_LEVEL: logLevel,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const operator = new OperatorProcess(child, port);
    try {
      await operator.#untilLeading();
      return operator;
    } catch (error) {
      await operator[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Aborted when it ends though nobody asked it to. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  async metrics(): Promise<readonly Sample[]> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`);
    return parseMetrics(await response.text());
  }

  /** Now, and at its highest so far. */
  async residentMiB(): Promise<{ readonly now: number; readonly peak: number }> {
    const status = await readFile(`/proc/${this.#pid}/status`, 'utf8');
    const mebibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024;
    return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
  }

  async cpuSeconds(): Promise<number> {
    return (await cpuMicroseconds([this.#pid])) / 1e6;
  }

  /** Resolves when nothing was written for a while; what it says is as of then. */
  async untilQuiet(withinMs: number): Promise<readonly Sample[]> {
    let [samples, since] = [await this.metrics(), performance.now()];
    for (const start = since; performance.now() - since < quietMs; await sleep(500)) {
      const now = await this.metrics();
      if (writes(now) !== writes(samples)) since = performance.now();
      samples = now;
      if (performance.now() - start > withinMs) break;
    }
    return samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await exited;
    clearTimeout(killing);
  }

  get #pid(): number {
    if (this.#child.pid === undefined) throw new Error('the operator did not start');
    return this.#child.pid;
  }

  async #untilLeading(): Promise<void> {
    for (const start = performance.now(); performance.now() - start < leadsWithinMs; await sleep(50)) {
      if (this.#child.exitCode !== null) throw new Error(`the operator ended with code ${this.#child.exitCode}`);
      const samples = await this.metrics().catch(() => []);
      const answer = await fetch(`http://127.0.0.1:${this.#port}/readyz`).catch(() => undefined);
      if (answer?.status === 200 && sumOf(samples, 'vectorcluster_operator_leading') === 1) return;
    }
    throw new Error(`the operator did not lead within ${leadsWithinMs / 1000} s`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function writes(samples: readonly Sample[]): number {
  return apiCalls({ before: [], after: samples }).writes;
}
