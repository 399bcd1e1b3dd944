/** Watches the objects of one cluster beside a scenario: what may never be, and what changed. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { Epochs } from './epochs.ts';
import { forcedBecause } from './pod-ends.ts';
import { PodCounts } from './pod-counts.ts';

export interface ClusterView {
  readonly cluster: VectorCluster;
  /** By name. */
  readonly pods: readonly Pod[];
  readonly shards: readonly VectorShard[];
}

export class ClusterWatch implements AsyncDisposable {
  readonly #name: string;
  readonly #namespace: string;
  readonly #owned = new AsyncDisposableStack();
  readonly #clusters: Informer<VectorCluster>;
  readonly #pods: Informer<Pod>;
  readonly #shards: Informer<VectorShard>;
  readonly #counts = new PodCounts();
  readonly #violations = new Set<string>();

  private constructor(client: KubeClient, namespace: string, name: string) {
    this.#name = name;
    this.#namespace = namespace;
    const ofCluster = { namespace, labelSelector: `${labels.cluster}=${name}` };
    this.#clusters = this.#owned.use(new Informer(client, vectorClusters, { namespace }));
    this.#pods = this.#owned.use(new Informer(client, pods, ofCluster));
    this.#shards = this.#owned.use(new Informer(client, vectorShards, ofCluster));
    const epochs = new Epochs();
    this.#shards.onChange(({ kind, object }) => kind !== 'deleted' && this.#wrong(epochs.see(object)));
    this.#pods.onChange(({ kind, object }) => {
      if (kind === 'deleted') this.#wrong([forcedBecause(object)]);
      else this.#counts.see(object);
    });
    for (const informer of [this.#clusters, this.#pods, this.#shards]) informer.start(new AbortController().signal);
  }

  static async start(namespace: string, name: string): Promise<ClusterWatch> {
    const client = await KubeClient.fromEnvironment({ userAgent: 'vectorcluster-e2e' });
    const watch = new ClusterWatch(client, namespace, name);
    await Promise.all([watch.#clusters.synced(), watch.#pods.synced(), watch.#shards.synced()]);
    return watch;
  }

  /** What was seen that may never be. */
  get violations(): readonly string[] {
    return [...this.#violations];
  }

  /** Pods made, and the most nodes that were taken down at once, since this was asked before. */
  changes(): ReturnType<PodCounts['take']> {
    return this.#counts.take();
  }

  view(): ClusterView {
    const cluster = this.#clusters.get(this.#namespace, this.#name);
    if (cluster === undefined) throw new Error(`VectorCluster ${this.#name} is not there`);
    return {
      cluster,
      pods: this.#pods.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
      shards: this.#shards.list(),
    };
  }

  /** Throws with what stands in the cluster's status when `holds` does not come true in time. */
  async until(words: string, withinSeconds: number, holds: (view: ClusterView) => boolean): Promise<void> {
    const tooLate = AbortSignal.timeout(withinSeconds * 1000);
    const check = () => this.#clusters.get(this.#namespace, this.#name) !== undefined && holds(this.view());
    const either = new AbortController();
    const signal = AbortSignal.any([tooLate, either.signal]);
    try {
      await Promise.any([this.#clusters, this.#pods, this.#shards].map((informer) => informer.waitFor(check, signal)));
    } catch (error) {
      const { conditions, plan } = this.view().cluster.status ?? {};
      throw new Error(`not within ${withinSeconds} s: ${words}; ${JSON.stringify({ conditions, plan }, undefined, 2)}`, { cause: error });
    } finally {
      either.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  #wrong(found: readonly (string | undefined)[]): void {
    for (const each of found) if (each !== undefined) this.#violations.add(each);
  }
}
