/** A storage node as a process of its own, as a kubelet would start it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cluster, namespace, type TestKubernetes, type TestPod } from './kubernetes.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface NodeProcessOptions {
  readonly kubernetes: TestKubernetes;
  readonly pod: TestPod;
  /** Holds the data, the log output and the kubeconfig. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class NodeProcess {
  readonly pod: TestPod;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(pod: TestPod, logFile: string, child: ChildProcess) {
    this.pod = pod;
    this.logFile = logFile;
    this.#child = child;
    this.#exited = once(child, 'exit');
  }

  static async start({ kubernetes, pod, directory, env }: NodeProcessOptions): Promise<NodeProcess> {
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, kubernetes.kubeconfig, { mode: 0o600 });
    const child = spawn(process.execPath, [main], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: kubeconfig,
        CLUSTER_NAME: cluster,
        CLUSTER_UID: kubernetes.clusterUid,
        NAMESPACE: namespace,
        NODE_NAME: pod.name,
        POD_UID: pod.uid,
        POD_IP: pod.ip,
        ZONE: 'a',
        ROLE: 'Data',
        DATA_DIR: join(directory, 'data'),
        LISTEN_HOST: pod.ip,
        ...env,
      },
    });
    const logFile = join(directory, 'output.log');
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    return new NodeProcess(pod, logFile, child);
  }

  /** Resolves when it would get requests from a Service; rejects when it has ended instead. */
  async ready(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`node ${this.pod.name} ended with ${this.#child.exitCode}; see ${this.logFile}`);
      const isReady = await fetch(`http://${this.pod.ip}:9090/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      await delay(20);
    }
  }

  /** Sends the signal and resolves to the exit code once it is gone; null when the signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return await this.ended();
  }

  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }
}
