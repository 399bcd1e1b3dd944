/** One storage node as far as the operator's report stream goes: its own server at its Pod's address, with the reports of a real one. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { peerPort } from '@vectorcluster/operator/resources/node-ports.ts';
import type { ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
import type { ReplicaFacts } from '@vectorcluster/storage-node/replica-host/replica-facts.ts';
import type { PeerFacts, ReportSource } from '@vectorcluster/storage-node/reports/report-source.ts';
import { createReports, type Reports } from '@vectorcluster/storage-node/reports/reports.ts';

export interface PlayedNodeOptions {
  readonly identity: ClusterIdentity;
  readonly node: string;
  readonly podUid: string;
  readonly zone: string;
  /** The other nodes of the cluster that run. */
  readonly others: () => readonly string[];
}

const gib = 1024 ** 3;

export class PlayedNode implements ReportSource, AsyncDisposable {
  readonly options: PlayedNodeOptions;
  readonly #server = new Server({ 'grpc.enable_channelz': 0 });
  readonly #reports: Reports;
  readonly #replicas = new Map<string, ReplicaFacts>();
  readonly #replicaListeners = new Set<(replicaId: string) => void>();
  readonly #peerListeners = new Set<() => void>();

  constructor(options: PlayedNodeOptions) {
    this.options = options;
    this.#reports = createReports({ source: this, identity: options.identity, metrics: { reportSent: () => {}, readers: () => {} } });
    this.#reports.service(this.#server);
  }

  async listen(address: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.bindAsync(`${address}:${peerPort}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
    await promise;
  }

  get node(): string {
    return this.options.node;
  }

  get podUid(): string {
    return this.options.podUid;
  }

  replicas(): Iterable<ReplicaFacts> {
    return this.#replicas.values();
  }

  replica(replicaId: string): ReplicaFacts | undefined {
    return this.#replicas.get(replicaId);
  }

  onReplicaChange(listener: (replicaId: string) => void): () => void {
    this.#replicaListeners.add(listener);
    return () => void this.#replicaListeners.delete(listener);
  }

  volume() {
    return { usedBytes: 0, freeBytes: gib };
  }

  /** Links beat twice a second; halfway between two beats is as good an age as any. */
  peers(): Iterable<PeerFacts> {
    return this.options.others().map((node) => ({ node, connected: true, silentMs: 250, closedForMs: undefined }));
  }

  onPeerChange(listener: () => void): () => void {
    this.#peerListeners.add(listener);
    return () => void this.#peerListeners.delete(listener);
  }

  holds(facts: ReplicaFacts): void {
    this.#replicas.set(facts.replicaId, facts);
    for (const listener of this.#replicaListeners) listener(facts.replicaId);
  }

  drops(replicaId: string): void {
    this.#replicas.delete(replicaId);
    for (const listener of this.#replicaListeners) listener(replicaId);
  }

  peersChanged(): void {
    for (const listener of this.#peerListeners) listener();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#reports[Symbol.dispose]();
    this.#server.forceShutdown();
    return Promise.resolve();
  }
}
