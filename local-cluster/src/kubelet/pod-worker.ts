/**
 * Runs one Pod: waits for its volumes, starts each container as a process, probes and restarts it, tells what is so.
 *
 * A worker belongs to a Pod UID and never outlives it. `stop` ends the containers within the grace period; nothing starts after it.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Container, ContainerState, Pod } from '@vectorcluster/kube/types/core.ts';
import { lookUpImage, type ImageProgram, type ImageTable } from '../images.ts';
import { probePort } from '../port-probe.ts';
import { containerEnv, ContainerConfigError, rewriteMountPath } from './container-env.ts';
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
  readonly startRetryMs: number;
  /** A kubeconfig for the Pod's ServiceAccount, as YAML. */
  readonly kubeconfig: string;
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
    const folders = await this.#prepare();
    if (folders) await Promise.all(this.#runs.map((run) => this.#runContainer(run, folders)));
  }

  /** Folder of each volume. What cannot be had is told and tried again; undefined when the Pod is stopped meanwhile. */
  async #prepare(): Promise<ReadonlyMap<string, string> | undefined> {
    const { pod, podFolder, startRetryMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await mkdir(podFolder, { recursive: true, mode: 0o700 });
        await this.#options.writeFile(join(podFolder, 'kubeconfig'), this.#options.kubeconfig);
        return await this.#options.volumeFolders(pod, signal);
      } catch (error) {
        if (signal.aborted) break;
        for (const run of this.#runs) run.state = { waiting: { reason: 'ContainerCreating', message: messageOf(error) } };
        this.#options.onEvent('Warning', 'FailedMount', messageOf(error));
        this.#options.onChange();
        await delay(startRetryMs, signal);
      }
    }
    return undefined;
  }

  async #runContainer(run: ContainerRun, folders: ReadonlyMap<string, string>): Promise<void> {
    const { pod } = this.#options;
    let backoff = noBackoff;
    while (!this.#stopping.signal.aborted) {
      const process = await this.#start(run, folders);
      if (!process) {
        await delay(this.#options.startRetryMs, this.#stopping.signal);
        continue;
      }
      const startedMs = performance.now();
      const exit = await this.#watch(run, process);
      this.#noteExit(run, exit, await this.#lastWords(run.container));
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

  /** Undefined when it cannot be started now; then the status says why. */
  async #start(run: ContainerRun, folders: ReadonlyMap<string, string>): Promise<ContainerProcess | undefined> {
    const { images, podIp } = this.#options;
    const image = run.container.image ?? '';
    const found = lookUpImage(images, image, podIp, process.execPath);
    if (found.kind === 'not-found') {
      const again = run.state.waiting?.reason === 'ErrImagePull';
      this.#refuse(run, again ? 'ImagePullBackOff' : 'ErrImagePull', found.because);
      this.#options.onEvent('Warning', 'Failed', `Failed to pull image "${image}": ${found.because}`);
      return undefined;
    }
    try {
      await this.#checkPorts(run.container);
      const started = await this.#spawn(run.container, found.program, folders);
      if (this.#stopping.signal.aborted) await started.stop(0);
      this.#options.onEvent('Normal', 'Started', `Started container ${run.container.name}`);
      return started;
    } catch (error) {
      this.#refuse(run, error instanceof ContainerConfigError ? 'CreateContainerConfigError' : 'RunContainerError', messageOf(error));
      this.#options.onEvent('Warning', 'Failed', `Error: ${messageOf(error)}`);
      return undefined;
    }
  }

  #refuse(run: ContainerRun, reason: string, message: string): void {
    run.state = { waiting: { reason, message } };
    this.#options.onChange();
  }

  /** Pods of one machine share its network: another program may hold what in a cluster would be free. */
  async #checkPorts(container: Container): Promise<void> {
    const { podIp } = this.#options;
    for (const { containerPort, name } of container.ports ?? []) {
      if ((await probePort(podIp, containerPort)) === 'free') continue;
      throw new Error(
        `port ${containerPort} (${name ?? 'unnamed'}) of ${podIp} is in use by another program: stop the one that listens on this port of every address of this machine`,
      );
    }
  }

  async #spawn(container: Container, program: ImageProgram, folders: ReadonlyMap<string, string>): Promise<ContainerProcess> {
    const { pod, podIp, podFolder, baseEnv, logFolder, recordFolder } = this.#options;
    const context = { podIp, imageEnv: program.env, volumeFolders: folders };
    const rewrite = (value: string): string => rewriteMountPath(value, container, folders);
    const lastWordsFile = this.#lastWordsFile(container);
    await this.#options.writeFile(lastWordsFile, '');
    return ContainerProcess.start({
      command: [...(container.command ?? program.command), ...(container.args ?? [])].map(rewrite),
      env: {
        ...baseEnv,
        KUBECONFIG: join(podFolder, 'kubeconfig'),
        TERMINATION_MESSAGE_PATH: lastWordsFile,
        ...containerEnv(pod, container, context),
      },
      workingFolder: podFolder,
      logFile: join(logFolder, pod.metadata.namespace ?? '', pod.metadata.name, `${container.name}.log`),
      recordFolder,
      pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
    });
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

  /** As a kubelet mounts /dev/termination-log: a file of its own for each run. */
  #lastWordsFile({ name }: Container): string {
    return join(this.#options.podFolder, `${name}.termination-log`);
  }

  async #lastWords(container: Container): Promise<string> {
    return await readFile(this.#lastWordsFile(container), 'utf8').catch(() => '');
  }

  #noteExit(run: ContainerRun, exit: Exit, lastWords: string): void {
    const message = exit.signal === undefined ? lastWords : `ended by ${exit.signal}`;
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
        ...(message !== '' && { message }),
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
