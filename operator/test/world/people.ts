/** What a person does with kubectl, and what they look at. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection, VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { persistentVolumeClaims, pods, type PersistentVolumeClaim, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { z } from 'zod';

export const namespace = 'default';

type ClusterInput = z.input<typeof vectorClusterSpec>;

export class Person {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async makeCluster(name: string, spec: ClusterInput): Promise<VectorCluster> {
    const full = vectorClusterSpec.parse(spec);
    return this.#client.create(vectorClusters, {
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCluster',
      metadata: { name, namespace },
      spec: full,
    });
  }

  /** Merge patch of the spec. */
  async edit(cluster: string, spec: object): Promise<void> {
    await this.#client.patch(vectorClusters, cluster, namespace, { spec });
  }

  /** Merge patch of the spec. */
  async editCollection(name: string, spec: object): Promise<void> {
    await this.#client.patch(vectorCollections, name, namespace, { spec });
  }

  async makeCollection(name: string, spec: VectorCollectionSpec): Promise<VectorCollection> {
    return this.#client.create(vectorCollections, {
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCollection',
      metadata: { name, namespace },
      spec,
    });
  }

  async clusterStatus(name: string): Promise<VectorCluster['status']> {
    return (await this.#client.get(vectorClusters, name, namespace))?.status;
  }

  async collection(name: string): Promise<VectorCollection | undefined> {
    return this.#client.get(vectorCollections, name, namespace);
  }

  /** By name. */
  async podsOf(cluster: string): Promise<readonly Pod[]> {
    const { items } = await this.#client.list(pods, { namespace, labelSelector: `${labels.cluster}=${cluster}` });
    return items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  async volumesOf(cluster: string): Promise<readonly PersistentVolumeClaim[]> {
    return (await this.#client.list(persistentVolumeClaims, { namespace, labelSelector: `${labels.cluster}=${cluster}` })).items;
  }

  async shardsOf(collection: string): Promise<readonly VectorShard[]> {
    const { items } = await this.#client.list(vectorShards, { namespace });
    return items
      .filter(({ spec }) => spec.vectorCollection === collection)
      .toSorted((a, b) => (a.spec.hashRange.first < b.spec.hashRange.first ? -1 : 1));
  }
}

/** `Ready=True AllNodesReady`, for polling. */
export function conditionText(conditions: readonly Condition[] | undefined, type: string): string {
  const condition = conditions?.find((each) => each.type === type);
  return condition === undefined ? 'none' : `${condition.type}=${condition.status} ${condition.reason}`;
}
