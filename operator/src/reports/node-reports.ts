/**
 * A report stream to every storage Pod that has an address. Kept by the leading operator only: who fails a shard over must be the one
 * who misses its primary, and a second set of streams would cost every node and decide nothing.
 */
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { ObjectIndex } from '@vectorcluster/kube/object-index.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { SightChange, SightSource } from '../controllers/sight-source.ts';
import type { Logger } from '../logger.ts';
import type { NodeSight, NodeSights } from '../plan/node-sights.ts';
import { FollowedNode } from './followed-node.ts';
import type { ReportMetrics } from './metrics.ts';
import { isSamePlace, storagePod, type StoragePod } from './storage-pod.ts';

export interface NodeReportsOptions {
  /** Filled already. */
  readonly pods: Pick<Informer<Pod>, 'list' | 'onChange'>;
  /** The peer port of every node. */
  readonly port: number;
  readonly log: Logger;
  readonly metrics: ReportMetrics;
  /** Milliseconds, monotonic; stands still while this process does, since what was not heard meanwhile is nobody's silence. */
  readonly now: () => number;
  readonly random?: () => number;
}

/** Looks at many shards in a row see one value. */
const sightsKeptMs = 5;

export class NodeReports implements SightSource, AsyncDisposable {
  readonly #options: NodeReportsOptions;
  /** By namespace and name of the Pod. */
  readonly #followed = new Map<string, FollowedNode>();
  readonly #byCluster = new ObjectIndex<FollowedNode>(({ pod }) => [clusterKey(pod)], new Map());
  readonly #listeners = new Set<(change: SightChange) => void>();
  readonly #ending = new Set<Promise<void>>();
  /** By cluster. */
  readonly #sights = new Map<string, { readonly takenAt: number; readonly sights: NodeSights }>();
  readonly #unsubscribe: () => void;

  constructor(options: NodeReportsOptions) {
    this.#options = options;
    options.metrics.reportingIs(() => Array.from(this.#followed.values()).filter(({ isReporting }) => isReporting).length);
    this.#unsubscribe = options.pods.onChange(({ kind, object }) => {
      const key = objectKey(object.metadata.namespace, object.metadata.name);
      this.#followOnly(key, kind === 'deleted' ? undefined : storagePod(object));
    });
    for (const pod of options.pods.list()) this.#followOnly(objectKey(pod.metadata.namespace, pod.metadata.name), storagePod(pod));
  }

  of(namespace: string, cluster: string): NodeSights {
    const now = this.#options.now();
    const key = objectKey(namespace, cluster);
    const kept = this.#sights.get(key);
    if (kept !== undefined && now - kept.takenAt < sightsKeptMs) return kept.sights;
    const sights = new Map<string, NodeSight>();
    for (const node of this.#byCluster.of(key)) {
      const sight = node.sight(now);
      if (sight !== undefined) sights.set(node.pod.node, sight);
    }
    this.#sights.set(key, { takenAt: now, sights });
    return sights;
  }

  onChange(listener: (change: SightChange) => void): () => void {
    const entry = (change: SightChange): void => listener(change);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    for (const node of this.#followed.values()) this.#end(node);
    this.#followed.clear();
    await Promise.all(this.#ending);
  }

  /** Follows this Pod under the key, or none. */
  #followOnly(key: string, pod: StoragePod | undefined): void {
    const followed = this.#followed.get(key);
    if (followed !== undefined) {
      if (pod !== undefined && isSamePlace(followed.pod, pod)) return;
      this.#followed.delete(key);
      this.#byCluster.change(key, followed, undefined);
      this.#end(followed);
      this.#tell(followed.pod, undefined);
    }
    if (pod === undefined) return;
    const { port, log, metrics, now, random = Math.random } = this.#options;
    const onChange = (shards: readonly string[] | undefined) => this.#tell(pod, shards);
    const node = new FollowedNode({ pod, port, log, metrics, random, now, onChange });
    this.#followed.set(key, node);
    this.#byCluster.change(key, undefined, node);
  }

  #end(node: FollowedNode): void {
    const ending = node[Symbol.asyncDispose]().finally(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #tell(pod: StoragePod, shards: readonly string[] | undefined): void {
    this.#sights.delete(clusterKey(pod));
    for (const listener of this.#listeners) listener({ ...pod.identity, node: pod.node, shards });
  }
}

function clusterKey({ identity }: StoragePod): string {
  return objectKey(identity.namespace, identity.cluster);
}
