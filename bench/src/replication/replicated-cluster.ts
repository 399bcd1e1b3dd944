/** A local cluster of three nodes with collections of so many copies, and what the measurements ask of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { QdrantClient } from '@qdrant/js-client-rest';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { ClusterView } from '@vectorcluster/e2e/faults/cluster-view.ts';
import { LocalClusterUnderTest, namespace } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { cpuMicroseconds } from '../cpu-time.ts';

export interface CollectionOptions {
  readonly name: string;
  readonly copies: number;
  readonly shards: number;
  readonly dimension: number;
}

const settledWithinMs = 120_000;

export class ReplicatedCluster implements AsyncDisposable {
  readonly local: LocalClusterUnderTest;
  readonly view: ClusterView;
  readonly admin: QdrantClient;

  private constructor(local: LocalClusterUnderTest, view: ClusterView, url: string) {
    this.local = local;
    this.view = view;
    this.admin = new QdrantClient({ url, checkCompatibility: false, timeout: 300_000 });
  }

  static async start(now: () => number = () => performance.now()): Promise<ReplicatedCluster> {
    await using owned = new AsyncDisposableStack();
    const local = owned.use(await LocalClusterUnderTest.start());
    const view = owned.use(new ClusterView(local.kube, namespace, now));
    await view.synced();
    const cluster = new ReplicatedCluster(local, view, await local.url());
    owned.move();
    return cluster;
  }

  /** Addresses of the nodes, in the order of their names. */
  get hosts(): readonly string[] {
    return [...this.view.nodes()].toSorted(([a], [b]) => a.localeCompare(b)).map(([, host]) => host);
  }

  /** Of all storage nodes, by name. */
  async pids(): Promise<ReadonlyMap<string, number>> {
    return await this.local.storageNodes();
  }

  /** Of all storage nodes together, children's threads included. */
  async cpuMicroseconds(): Promise<number> {
    return await cpuMicroseconds((await this.pids()).values());
  }

  /** Resolves when every copy of every shard is in sync. */
  async create({ name, copies, shards, dimension }: CollectionOptions): Promise<void> {
    await this.admin.createCollection(name, {
      vectors: { size: dimension, distance: 'Cosine' },
      shard_number: shards,
      replication_factor: copies,
    });
    await this.settled(() => this.shardsOf(name), { shards, copies });
  }

  shardsOf(collection: string): readonly VectorShard[] {
    return this.view.shards().filter(({ spec }) => spec.collection === collection);
  }

  async settled(
    among: () => readonly VectorShard[],
    wanted: { readonly shards: number; readonly copies: number },
    withinMs = settledWithinMs,
  ): Promise<void> {
    const giveUpMs = performance.now() + withinMs;
    const isSettled = (): boolean => {
      const shards = among();
      return shards.length >= wanted.shards && shards.every((shard) => this.view.inSyncOf(shard).length >= wanted.copies);
    };
    while (!isSettled()) {
      if (performance.now() > giveUpMs) throw new Error(`after ${withinMs / 1000} s not every copy is in sync`);
      await sleep(20);
    }
  }

  async untilIndexed(collection: string, points: number): Promise<void> {
    while (((await this.admin.getCollection(collection)).indexed_vectors_count ?? 0) < points) await sleep(20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.view[Symbol.asyncDispose]();
    await this.local[Symbol.asyncDispose]();
  }
}
