/**
 * Runs one Pod: waits for its volumes, starts each container as a process, probes and restarts it, tells what is so.
 *
 * A worker belongs to a Pod UID and never outlives it. `stop` ends the containers within the grace period; nothing starts after it.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Container, ContainerState, Pod } from '@vectorcluster/kube/types/core.ts';
import { lookUpImage, type ImageTable } from '../images.ts';
import { containerEnv } from './container-env.ts';
import { ContainerProcess, type Exit } from './container-process.ts';
import { delay } from './delay.ts';
import type { PodView } from './pod-status.ts';
import { ProbeRunner } from './probe-runner.ts';
import { afterExit, noBackoff } from './restart-backoff.ts';

export interface PodWorkerOptions {
  readonly pod: Pod;
  readonly podIp: string;
  readonly images: ImageTable;
  readonly podFolder: string;
  readonly logFolder: string;
  readonly recordFolder: string;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly maxRestartBackoffMs: number;
  /** A kubeconfig for the Pod's ServiceAccount, as YAML. */
  readonly kubeconfig: Promise<string>;
  readonly logger: Logger;
  /** Folder of each volume; waits for claims to be bound. */
  volumeFolders(pod: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  writeFile(path: string, text: string): Promise<void>;
  onChange(): void;
  onEvent(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

interface ContainerRun {
  readonly container: Container;
  state: ContainerState;
  lastState?: ContainerState;
  restartCount: number;
  started: boolean;
  ready: boolean;
  process?: ContainerProcess;
}

const imageRetryMs = 15_000;

export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #startTime = timestamp();
  readonly #runs: readonly ContainerRun[];
  readonly #done: Promise<void>;

  constructor(options: PodWorkerOptions) {
    this.#options = options;
    this.#runs = (options.pod.spec?.containers ?? []).map((container) => ({
      container,
      state: { waiting: { reason: 'ContainerCreating' } },
      restartCount: 0,
      started: false,
      ready: false,
    }));
    this.#done = this.#run();
  }

  get view(): PodView {
    return {
      podIp: this.#options.podIp,
      startTime: this.#startTime,
      containers: this.#runs.map((run) => ({
        name: run.container.name,
        image: run.container.image ?? '',
        state: run.state,
        lastState: run.lastState,
        restartCount: run.restartCount,
        started: run.started,
        ready: run.ready,
      })),
    };
  }

  async stop(graceSeconds: number): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#runs.flatMap((run) => run.process?.stop(graceSeconds) ?? []));
    await this.#done;
    await rm(this.#options.podFolder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const { pod, podFolder } = this.#options;
    try {
      await mkdir(podFolder, { recursive: true, mode: 0o700 });
      await this.#options.writeFile(join(podFolder, 'kubeconfig'), await this.#options.kubeconfig);
      const folders = await this.#options.volumeFolders(pod, this.#stopping.signal);
      await Promise.all(this.#runs.map((run) => this.#runContainer(run, folders)));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      for (const run of this.#runs) run.state = { waiting: { reason: 'CreateContainerConfigError', message: messageOf(error) } };
      this.#options.onEvent('Warning', 'Failed', `Error: ${messageOf(error)}`);
      this.#options.onChange();
    }
  }

  async #runContainer(run: ContainerRun, folders: ReadonlyMap<string, string>): Promise<void> {
    const { pod } = this.#options;
    let backoff = noBackoff;
    while (!this.#stopping.signal.aborted) {
      const process = await this.#start(run, folders);
      if (!process) {
        await delay(imageRetryMs, this.#stopping.signal);
        continue;
      }
      const startedMs = performance.now();
      const exit = await this.#watch(run, process);
      this.#noteExit(run, exit);
      if (this.#stopping.signal.aborted || !restarts(pod, exit)) break;
      backoff = afterExit(backoff, performance.now() - startedMs, this.#options.maxRestartBackoffMs);
      if (backoff.delayMs > 0) {
        const message = `back-off ${backoff.delayMs / 1000}s restarting failed container=${run.container.name} pod=${pod.metadata?.name}`;
        run.state = { waiting: { reason: 'CrashLoopBackOff', message } };
        this.#options.onEvent('Warning', 'BackOff', `Back-off restarting failed container ${run.container.name}`);
        this.#options.onChange();
        await delay(backoff.delayMs, this.#stopping.signal);
      }
      run.restartCount++;
    }
  }

  async #start(run: ContainerRun, folders: ReadonlyMap<string, string>): Promise<ContainerProcess | undefined> {
    const { pod, images, podIp, podFolder } = this.#options;
    const image = run.container.image ?? '';
    const found = lookUpImage(images, image, podIp, process.execPath);
    if (found.kind === 'not-found') {
      const again = run.state.waiting?.reason === 'ErrImagePull';
      run.state = { waiting: { reason: again ? 'ImagePullBackOff' : 'ErrImagePull', message: found.because } };
      this.#options.onEvent('Warning', 'Failed', `Failed to pull image "${image}": ${found.because}`);
      this.#options.onChange();
      return undefined;
    }
    const context = { podIp, imageEnv: found.program.env, volumeFolders: folders };
    const started = await ContainerProcess.start({
      command: [...(run.container.command ?? found.program.command), ...(run.container.args ?? [])],
      env: {
        ...this.#options.baseEnv,
        KUBECONFIG: join(podFolder, 'kubeconfig'),
        ...containerEnv(pod, run.container, context),
      },
      workingFolder: podFolder,
      logFile: join(this.#options.logFolder, pod.metadata?.namespace ?? '', pod.metadata?.name ?? '', `${run.container.name}.log`),
      recordFolder: this.#options.recordFolder,
      pod: `${pod.metadata?.namespace}/${pod.metadata?.name}`,
    });
    if (this.#stopping.signal.aborted) await started.stop(0);
    this.#options.onEvent('Normal', 'Started', `Started container ${run.container.name}`);
    return started;
  }

  async #watch(run: ContainerRun, started: ContainerProcess): Promise<Exit> {
    run.process = started;
    run.state = { running: { startedAt: timestamp() } };
    const watching = new AbortController();
    const probes = new ProbeRunner({
      container: run.container,
      host: this.#options.podIp,
      signal: watching.signal,
      onChange: (state) => {
        run.started = state.started;
        run.ready = state.ready;
        this.#options.onChange();
      },
      onRestart: (because) => {
        this.#options.onEvent('Warning', 'Unhealthy', `Container ${run.container.name} ${because}, will be restarted`);
        void started.stop(this.#options.pod.spec?.terminationGracePeriodSeconds ?? 30);
      },
    });
    run.started = probes.state.started;
    run.ready = probes.state.ready;
    this.#options.onChange();
    probes.start();
    try {
      return await started.exited;
    } finally {
      watching.abort();
    }
  }

  #noteExit(run: ContainerRun, exit: Exit): void {
    const startedAt = run.state.running?.startedAt;
    delete run.process;
    run.started = false;
    run.ready = false;
    run.state = {
      terminated: {
        exitCode: exit.exitCode,
        reason: exit.exitCode === 0 ? 'Completed' : 'Error',
        finishedAt: timestamp(),
        ...(startedAt && { startedAt }),
        ...(exit.signal && { message: `ended by ${exit.signal}` }),
      },
    };
    run.lastState = run.state;
    this.#options.logger.info({ container: run.container.name, exitCode: exit.exitCode, signal: exit.signal }, 'container ended');
    this.#options.onChange();
  }
}

function restarts(pod: Pod, exit: Exit): boolean {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exit.exitCode !== 0);
}

function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
