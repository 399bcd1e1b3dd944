/** A local cluster of its own for one test: started and stopped by the command, as a user would. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { persistentVolumeClaims, pods, services } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import { startedAt } from '@vectorcluster/local-cluster/kubelet/process-record.ts';
import { apiServerAddress } from '@vectorcluster/local-cluster/loopback-network.ts';
import { parse } from 'yaml';
import { z } from 'zod';

const command = fileURLToPath(import.meta.resolve('@vectorcluster/local-cluster/cli/main.ts'));
const sample = new URL('../samples/quickstart.yaml', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
const run = promisify(execFile);
const processRecord = z.looseObject({ pid: z.int(), pod: z.string() });

export const namespace = 'default';
const clusterName = 'shop';
const readyWithinMs = 90_000;

export class LocalClusterUnderTest implements AsyncDisposable {
  readonly stateFolder: string;
  readonly kube: KubeClient;

  private constructor(stateFolder: string, kube: KubeClient) {
    this.stateFolder = stateFolder;
    this.kube = kube;
  }

  /** Up, with the operator and nothing else. */
  static async startEmpty(): Promise<LocalClusterUnderTest> {
    const stateFolder = await mkdtemp(join(tmpdir(), 'vectorcluster-e2e-'));
    await up(stateFolder);
    return new LocalClusterUnderTest(stateFolder, KubeClient.fromKubeconfig(await readFile(join(stateFolder, 'kubeconfig'), 'utf8')));
  }

  /** Up, with crds/samples/quickstart.yaml applied and Ready. */
  static async start(): Promise<LocalClusterUnderTest> {
    const cluster = await LocalClusterUnderTest.startEmpty();
    try {
      await cluster.applyQuickstart();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async applyQuickstart(): Promise<void> {
    const object = z.looseObject({ metadata: z.looseObject({ name: z.string() }) }).parse(parse(await readFile(sample, 'utf8')));
    await this.kube.apply<VectorCluster>(
      vectorClusters,
      { ...object, metadata: { ...object.metadata, namespace } },
      { fieldManager: 'e2e' },
    );
    await this.untilReady();
  }

  /** Until the VectorCluster says so. */
  async untilReady(): Promise<void> {
    const giveUpMs = performance.now() + readyWithinMs;
    for (;;) {
      const conditions = (await this.kube.get(vectorClusters, clusterName, namespace))?.status?.conditions ?? [];
      if (conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')) return;
      if (performance.now() > giveUpMs) throw new Error(`not Ready: ${JSON.stringify(conditions)}`);
      await sleep(50);
    }
  }

  /** Until the process itself says that it is ready, which a Pod's status shows later. */
  async untilNodeReady(node: string): Promise<void> {
    const address = (await this.kube.get(pods, node, namespace))?.status?.podIP;
    const giveUpMs = performance.now() + readyWithinMs;
    for (;;) {
      const answer = await fetch(`http://${address}:9090/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (performance.now() > giveUpMs) throw new Error(`${node} does not become ready`);
      await sleep(50);
    }
  }

  /** Address of the client Service. */
  async address(): Promise<string> {
    const service = await this.kube.get(services, clusterName, namespace);
    return service?.spec?.clusterIP ?? 'no-address';
  }

  async url(): Promise<string> {
    return `http://${await this.address()}:6333`;
  }

  /** Pids of the processes of storage nodes, by Pod name. */
  async storageNodes(): Promise<ReadonlyMap<string, number>> {
    const prefix = `${namespace}/`;
    const all = [...(await this.processes())].filter(([pod]) => pod.startsWith(prefix));
    return new Map(all.map(([pod, pid]) => [pod.slice(prefix.length), pid]));
  }

  /** Pids of all Pods' processes, by namespace/name. */
  async processes(): Promise<ReadonlyMap<string, number>> {
    const folder = join(this.stateFolder, 'processes');
    const found = new Map<string, number>();
    for (const file of await readdir(folder)) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => '');
      if (text === '') continue; // ended meanwhile
      const { pid, pod } = processRecord.parse(JSON.parse(text));
      found.set(pod, pid);
    }
    return found;
  }

  /** Of the process that plays API server and kubelets. */
  async daemon(): Promise<number> {
    return z.looseObject({ pid: z.int() }).parse(JSON.parse(await readFile(join(this.stateFolder, 'daemon.pid'), 'utf8'))).pid;
  }

  /** Where its API server listens. */
  async apiServer(): Promise<{ readonly host: string; readonly port: number }> {
    const text = await readFile(join(this.stateFolder, 'cluster.json'), 'utf8');
    const { octet, port } = z.looseObject({ octet: z.int(), port: z.int() }).parse(JSON.parse(text));
    return { host: apiServerAddress({ octet }), port };
  }

  async operatorHost(): Promise<string> {
    return (await this.kube.get(pods, 'vectorcluster-operator', 'vectorcluster-system'))?.status?.podIP ?? 'no-address';
  }

  /** Folder that a storage node sees as its volume. */
  async volumeFolder(node: string): Promise<string> {
    const claim = await this.kube.get(persistentVolumeClaims, `data-${node}`, namespace);
    return join(this.stateFolder, 'volumes', claim?.spec?.volumeName ?? 'no-volume');
  }

  /** Ends every process of the cluster by SIGKILL at once, its API server and operator included. */
  async cutPower(): Promise<void> {
    const pids = [await this.daemon(), ...(await this.processes()).values()];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (const pid of pids) while ((await startedAt(pid)) !== undefined) await sleep(10);
  }

  /** Up again with the state that is there; statuses may still be those from before. */
  async powerOn(): Promise<void> {
    await up(this.stateFolder);
  }

  /** All that each Pod's process has logged, by namespace/name. */
  async logs(): Promise<ReadonlyMap<string, string>> {
    const folder = join(this.stateFolder, 'logs');
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.log')).toSorted();
    return new Map(await Promise.all(files.map(async (file) => [dirname(file), await readFile(join(folder, file), 'utf8')] as const)));
  }

  /** Copies the logs to a folder that outlives the cluster. */
  async keepLogs(folder: string): Promise<void> {
    await cp(join(this.stateFolder, 'logs'), folder, { recursive: true });
    await cp(join(this.stateFolder, 'daemon.log'), join(folder, 'daemon.log'));
  }

  /** Stopped, with its state left. */
  async stop(): Promise<void> {
    await run(process.execPath, [command, '--state', this.stateFolder, 'down']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kube[Symbol.dispose]();
    await run(process.execPath, [command, '--state', this.stateFolder, 'down', '--delete']);
  }
}

/** A node that is killed again and again must come back within a second, not within five minutes. */
async function up(stateFolder: string): Promise<void> {
  await run(process.execPath, [command, '--state', stateFolder, 'up', '--max-restart-backoff-seconds', '1']);
}
