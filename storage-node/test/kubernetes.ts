/** An embedded API server with our kinds, and the objects that a test puts there in place of kubelets and the operator. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labels } from '@vectorcluster/crds/labels.ts';
import { shardObjectName } from '@vectorcluster/crds/names.ts';
import { vectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { startApiServer } from '@vectorcluster/local-cluster/api-server/api-server.ts';
import { customResourceDefinitions } from '@vectorcluster/local-cluster/bootstrap/definitions.ts';
import { apiServerAddress, atFreePlace, freePodAddress, type LoopbackNetwork } from '@vectorcluster/local-cluster/loopback-network.ts';

export const cluster = 'shop';
export const namespace = 'default';

export interface TestPod {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
}

const hex = (hash: bigint) => hash.toString(16).padStart(16, '0');

export class TestKubernetes implements AsyncDisposable {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  #clusterUid = '';
  readonly #network: LoopbackNetwork;
  readonly #addresses = new Set<string>();
  readonly #stack: AsyncDisposableStack;

  private constructor(kubeconfig: string, network: LoopbackNetwork, stack: AsyncDisposableStack) {
    this.kubeconfig = kubeconfig;
    this.client = stack.use(KubeClient.fromKubeconfig(kubeconfig));
    this.#network = network;
    this.#stack = stack;
  }

  static async start(): Promise<TestKubernetes> {
    await using stack = new AsyncDisposableStack();
    const stateDirectory = await mkdtemp(join(tmpdir(), 'vectorcluster-nodes-'));
    stack.defer(() => rm(stateDirectory, { recursive: true, force: true }));
    const crds = await customResourceDefinitions();
    const { place, api } = await atFreePlace(undefined, async (free) => ({
      place: free,
      api: await startApiServer({ stateDirectory, host: apiServerAddress(free), port: free.port, crds }),
    }));
    stack.use(api);
    const started = new TestKubernetes(api.adminKubeconfig(), place, stack.move());
    await started.#addCluster();
    return started;
  }

  /** Of the VectorCluster that the Pods belong to. */
  get clusterUid(): string {
    return this.#clusterUid;
  }

  async #addCluster(): Promise<void> {
    const spec = vectorClusterSpec.parse({ pools: [{ name: 'data', storage: { size: '1Gi' } }] });
    const apiVersion = 'vectorcluster.io/v1';
    const created = await this.client.create(vectorClusters, {
      apiVersion,
      kind: 'VectorCluster',
      metadata: { name: cluster, namespace },
      spec,
    });
    this.#clusterUid = created.metadata.uid ?? '';
  }

  /** A Pod with an address of its own, as a kubelet would report it. */
  async addPod(name: string): Promise<TestPod> {
    const ip = freePodAddress(this.#network, this.#addresses);
    this.#addresses.add(ip);
    const created = await this.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { [labels.cluster]: cluster } },
      spec: { containers: [{ name: 'storage-node', image: 'none' }] },
    });
    const { metadata } = await this.client.replaceStatus(pods, { ...created, status: { phase: 'Running', podIP: ip } });
    return { name, uid: metadata.uid ?? '', ip };
  }

  async removePod(name: string): Promise<void> {
    await this.client.delete(pods, name, namespace, { gracePeriodSeconds: 0 });
  }

  /** The collection's object, once there is one. */
  async collection(name: string): Promise<VectorCollection | undefined> {
    const { items } = await this.client.list(vectorCollections, { namespace });
    return items.find(({ spec }) => spec.collection === name);
  }

  /** One shard for each of `nodes`, as the operator would place them. */
  async placeShards({ metadata, spec }: VectorCollection, nodes: readonly string[]): Promise<readonly VectorShard[]> {
    const bound = (index: number) => (BigInt(index) * 2n ** 64n) / BigInt(nodes.length);
    const { apiVersion, name, uid = '' } = { apiVersion: 'vectorcluster.io/v1' as const, ...metadata };
    return await Promise.all(
      nodes.map((node, index) =>
        this.client.create(vectorShards, {
          apiVersion,
          kind: 'VectorShard',
          metadata: {
            name: shardObjectName(name, uid, index),
            namespace,
            labels: { [labels.cluster]: cluster },
            ownerReferences: [{ apiVersion, kind: 'VectorCollection', name, uid, controller: true }],
          },
          spec: {
            clusterName: cluster,
            collection: spec.collection,
            vectorCollection: name,
            hashRange: { first: hex(bound(index)), last: hex(bound(index + 1) - 1n) },
            assignments: [{ node, kind: 'Voter' }],
          },
        }),
      ),
    );
  }

  /** Makes the shard's only member its primary in the next epoch. */
  async appoint(name: string): Promise<VectorShard> {
    const shard = await this.shard(name);
    const replicaId = shard.status?.members?.[0]?.replicaId ?? '';
    const status = { ...shard.status, epoch: (shard.status?.epoch ?? 0) + 1, primary: replicaId, inSync: [replicaId], minInSync: 1 };
    return await this.client.replaceStatus(vectorShards, { ...shard, status });
  }

  async shard(name: string): Promise<VectorShard> {
    const shard = await this.client.get(vectorShards, name, namespace);
    if (shard === undefined) throw new Error(`there is no VectorShard ${name}`);
    return shard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
