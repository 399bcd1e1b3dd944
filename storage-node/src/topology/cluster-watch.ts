/** Follows the objects of one cluster in Kubernetes and keeps the topology that they make. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer, type InformerOptions } from '@vectorcluster/kube/informer.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { TopologyBuilder, type NodePod } from './build-topology.ts';
import { Changes } from './changes.ts';
import { emptyTopology, type Topology } from './topology.ts';

export interface ClusterWatchOptions extends Pick<InformerOptions, 'metrics' | 'log' | 'now' | 'random' | 'sleep'> {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly cluster: string;
}

export class ClusterWatch implements AsyncDisposable {
  readonly collections: Informer<VectorCollection>;
  readonly shards: Informer<VectorShard>;
  readonly #pods: Informer<Pod>;
  readonly #builder: TopologyBuilder;
  readonly #changes = new Changes();
  #topology: Topology | undefined = emptyTopology;

  constructor({ client, namespace, cluster, ...options }: ClusterWatchOptions) {
    const labelSelector = `${labels.cluster}=${cluster}`;
    this.#builder = new TopologyBuilder(cluster);
    // Collections that a person applied need not carry the label; they say in their spec whose they are.
    this.collections = new Informer(client, vectorCollections, { ...options, namespace });
    this.shards = new Informer(client, vectorShards, { ...options, namespace, labelSelector });
    this.#pods = new Informer(client, pods, { ...options, namespace, labelSelector });
    for (const informer of [this.collections, this.shards, this.#pods]) informer.onChange(() => this.#changed());
  }

  /** Resolves when the first topology is there. */
  async start(signal: AbortSignal): Promise<void> {
    const informers = [this.collections, this.shards, this.#pods];
    for (const informer of informers) informer.start(signal);
    await Promise.all(informers.map((informer) => informer.synced()));
  }

  /** Built when it is first asked for after a change: events come in bursts. */
  current(): Topology {
    this.#topology ??= this.#builder.build({
      collections: this.collections.list(),
      shards: this.shards.list(),
      pods: this.#pods.list().map(nodePodOf),
    });
    return this.#topology;
  }

  async until(holds: (topology: Topology) => boolean, signal: AbortSignal): Promise<Topology> {
    await this.#changes.until(() => holds(this.current()), signal);
    return this.current();
  }

  /** Called with the addresses of all nodes when a Pod has changed; the result ends that. */
  onAddresses(listener: (addresses: ReadonlySet<string>) => void): () => void {
    return this.#pods.onChange(() => listener(new Set(this.#pods.list().flatMap(({ status }) => status?.podIP ?? []))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.collections, this.shards, this.#pods].map((informer) => informer[Symbol.asyncDispose]()));
  }

  #changed(): void {
    this.#topology = undefined;
    this.#changes.notify();
  }
}

function nodePodOf({ metadata, status }: Pod): NodePod {
  return {
    name: metadata.name,
    ip: status?.podIP,
    zone: metadata.labels?.[labels.zone],
    role: metadata.labels?.[labels.role],
    isLeaving: metadata.deletionTimestamp !== undefined,
  };
}
