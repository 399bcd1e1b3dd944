import { setTimeout as sleep } from 'node:timers/promises';
import { QdrantClient } from '@qdrant/js-client-rest';
import { LocalClusterUnderTest, namespace } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { cpuMicroseconds } from './cpu-time.ts';
import { dimension, type Dataset } from './dataset.ts';
import { grpcClient, inTurn, restClient, type RawClient, type Send } from './raw-clients.ts';
import { collection, upsertBytes, type Protocol } from './requests.ts';

const pointsPerRequest = 250;
const writers = 3;

/** Three nodes and one collection. Requests go to the nodes themselves, in turn: the local Service is a proxy in another process. */
export class BenchCluster implements AsyncDisposable {
  readonly #cluster: LocalClusterUnderTest;
  readonly #admin: QdrantClient;
  readonly #clients: Readonly<Record<Protocol | 'upsert', readonly RawClient[]>>;

  private constructor(cluster: LocalClusterUnderTest, admin: QdrantClient, nodes: readonly string[]) {
    const points = `/collections/${collection}/points`;
    this.#cluster = cluster;
    this.#admin = admin;
    this.#clients = {
      rest: nodes.map((node) => restClient(new URL(`http://${node}:6333${points}/query`), 'POST')),
      grpc: nodes.map((node) => grpcClient(`${node}:6334`, '/qdrant.Points/Query')),
      upsert: nodes.map((node) => restClient(new URL(`http://${node}:6333${points}?wait=true`), 'PUT')),
    };
  }

  static async start(shards: number): Promise<BenchCluster> {
    const cluster = await LocalClusterUnderTest.start();
    try {
      const { items } = await cluster.kube.list(pods, { namespace });
      const nodes = items.flatMap(({ status }) => status?.podIP ?? []);
      const admin = new QdrantClient({ url: await cluster.url(), checkCompatibility: false });
      await admin.createCollection(collection, {
        vectors: { size: dimension, distance: 'Cosine' },
        shard_number: shards,
        replication_factor: 1,
      });
      return new BenchCluster(cluster, admin, nodes);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async pids(): Promise<readonly number[]> {
    return [...(await this.#cluster.storageNodes()).values()];
  }

  search(protocol: Protocol): Send {
    return inTurn(this.#clients[protocol]);
  }

  /** Until every vector is in a graph. */
  async load(data: Dataset): Promise<{ readonly perSecond: number; readonly cpuMicroseconds: number }> {
    const batches = Array.from({ length: Math.ceil(data.count / pointsPerRequest) }, (_, index) =>
      upsertBytes(data, index * pointsPerRequest, (index + 1) * pointsPerRequest),
    );
    const pids = await this.pids();
    const before = await cpuMicroseconds(pids);
    const start = performance.now();
    const send = inTurn(this.#clients.upsert);
    let next = 0;
    const writer = async (): Promise<void> => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) await send(batch);
    };
    await Promise.all(Array.from({ length: writers }, writer));
    while (((await this.#admin.getCollection(collection)).indexed_vectors_count ?? 0) < data.count) await sleep(20);
    const elapsedMs = performance.now() - start;
    return {
      perSecond: (data.count / elapsedMs) * 1000,
      cpuMicroseconds: ((await cpuMicroseconds(pids)) - before) / data.count,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of Object.values(this.#clients).flat()) client[Symbol.dispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }
}
