/**
 * Plays the kubelets of all nodes: every Pod that was bound to one of them gets a worker; its status goes to the API server, and a
 * Pod that is being deleted is stopped within its grace period and then removed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { ConflictError } from '@vectorcluster/kube/errors.ts';
import { persistentVolumes, pods, type PersistentVolumeClaim, type Pod } from '@vectorcluster/kube/types/core.ts';
import { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import type { Logger } from 'pino';
import type { ImageTable } from '../images.ts';
import { freePodAddress, type LoopbackNetwork } from '../loopback-network.ts';
import { podStatus } from './pod-status.ts';
import { PodWorker } from './pod-worker.ts';
import { podVolumeFolders } from './pod-volumes.ts';

/** YAML with the rights of a ServiceAccount, for one Pod of it on one node. */
export type KubeconfigFor = (
  account: { readonly namespace: string; readonly serviceAccount: string },
  pod: { readonly name: string; readonly uid: string; readonly node: string },
) => string;

export interface KubeletOptions {
  readonly client: KubeClient;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly events: EventRecorder;
  readonly nodes: readonly string[];
  readonly network: LoopbackNetwork;
  readonly images: ImageTable;
  readonly stateFolder: string;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly maxRestartBackoffMs: number;
  readonly startRetryMs: number;
  readonly logger: Logger;
  readonly kubeconfigFor: KubeconfigFor;
}

interface Running {
  readonly worker: PodWorker;
  readonly podIp: string;
  readonly key: string;
}

export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #queue = new WorkQueue({ concurrency: 16 });
  /** By Pod UID: a Pod made again under the same name is another Pod. */
  readonly #running = new Map<string, Running>();
  #stopping = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#options.pods.onChange(({ object }) => this.#queue.add(keyOf(object)));
    await this.#options.pods.synced();
    for (const pod of this.#options.pods.list()) this.#queue.add(keyOf(pod));
    await this.#queue.run((key) => this.#reconcile(key), signal);
  }

  /** Ends every Pod's processes; the objects stay, so that a later start runs them again. */
  async stopAll(graceSecondsMax: number): Promise<void> {
    // What the ends of the processes change must not start them again.
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map(({ worker }) => worker.stop(graceSecondsMax)));
    this.#running.clear();
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#options.pods.get(namespace, name);
    await this.#stopReplaced(key, pod?.metadata.uid);
    if (!pod || !this.#options.nodes.includes(pod.spec?.nodeName ?? '')) return;
    const uid = pod.metadata.uid ?? '';
    const running = this.#running.get(uid);
    if (pod.metadata.deletionTimestamp !== undefined) return this.#remove(pod, running);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    if (!running && this.#stopping) return;
    if (!running) this.#running.set(uid, this.#start(pod));
    await this.#writeStatus(pod);
  }

  async #stopReplaced(key: string, uid: string | undefined): Promise<void> {
    for (const [otherUid, { worker, key: otherKey }] of this.#running) {
      if (otherKey !== key || otherUid === uid) continue;
      await worker.stop(0);
      this.#running.delete(otherUid);
    }
  }

  #start(pod: Pod): Running {
    const { client, claims, network, stateFolder, images, baseEnv, logger, events } = this.#options;
    const key = keyOf(pod);
    const taken = new Set([...this.#running.values()].map((each) => each.podIp));
    const podIp = freePodAddress(network, taken);
    const kubeconfig = this.#options.kubeconfigFor(
      { namespace: pod.metadata.namespace ?? '', serviceAccount: pod.spec?.serviceAccountName ?? 'default' },
      { name: pod.metadata.name, uid: pod.metadata.uid ?? '', node: pod.spec?.nodeName ?? '' },
    );
    const podFolder = join(stateFolder, 'pods', pod.metadata.uid ?? '');
    const worker = new PodWorker({
      pod,
      podIp,
      images,
      podFolder,
      logFolder: join(stateFolder, 'logs'),
      recordFolder: join(stateFolder, 'processes'),
      baseEnv,
      maxRestartBackoffMs: this.#options.maxRestartBackoffMs,
      startRetryMs: this.#options.startRetryMs,
      kubeconfig,
      logger: logger.child({ pod: key }),
      volumeFolders: (each, signal) =>
        podVolumeFolders(each, {
          podFolder,
          claims,
          folderOfVolume: async (volume) => (await client.get(persistentVolumes, volume))?.spec?.hostPath?.path,
          signal,
        }),
      writeFile: (path, text) => writeFile(path, text, { mode: 0o600 }),
      onChange: () => this.#queue.add(key),
      onEvent: (type, reason, message) => events.event(pod, { type, reason, message }),
    });
    return { worker, podIp, key };
  }

  async #remove(pod: Pod, running: Running | undefined): Promise<void> {
    const { client } = this.#options;
    const grace = pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
    if (running) {
      this.#options.events.event(pod, { type: 'Normal', reason: 'Killing', message: 'Stopping the containers' });
      await running.worker.stop(grace);
      this.#running.delete(pod.metadata.uid ?? '');
    }
    await client.delete(pods, pod.metadata.name ?? '', pod.metadata.namespace, {
      gracePeriodSeconds: 0,
      ...(pod.metadata.uid !== undefined && { uid: pod.metadata.uid }),
    });
  }

  async #writeStatus(cached: Pod): Promise<void> {
    const running = this.#running.get(cached.metadata.uid ?? '');
    if (!running) return;
    const { client, logger } = this.#options;
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const status = podStatus(cached, running.worker.view, now);
    if (JSON.stringify(status) === JSON.stringify(cached.status)) return;
    try {
      await client.replaceStatus(pods, { ...cached, status });
    } catch (error) {
      // Someone wrote in between: the event of that write brings the Pod back here.
      if (!(error instanceof ConflictError)) throw error;
      logger.debug({ pod: keyOf(cached) }, 'pod status write met a newer version');
    }
  }
}

function keyOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}
