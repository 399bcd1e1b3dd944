/** Replicas and peers of a node as a test sets them, told as the reports want them. */
import type { ReplicaFacts } from '../src/replica-host/replica-facts.ts';
import type { PeerFacts, ReportSource, VolumeFacts } from '../src/reports/report-source.ts';

export class ReportingNode implements ReportSource {
  readonly node = 'shop-data-0';
  readonly podUid = 'pod-uid-0';
  readonly #replicas = new Map<string, ReplicaFacts>();
  readonly #peers = new Map<string, PeerFacts>();
  readonly #replicaListeners = new Set<(replicaId: string) => void>();
  readonly #peerListeners = new Set<() => void>();
  /** Replicas that were looked at: what a report costs. */
  looks = 0;

  get listeners(): number {
    return this.#replicaListeners.size + this.#peerListeners.size;
  }

  *replicas(): Iterable<ReplicaFacts> {
    for (const facts of this.#replicas.values()) {
      this.looks += 1;
      yield facts;
    }
  }

  replica(replicaId: string): ReplicaFacts | undefined {
    this.looks += 1;
    return this.#replicas.get(replicaId);
  }

  peers(): Iterable<PeerFacts> {
    return this.#peers.values();
  }

  volume(): VolumeFacts {
    return { usedBytes: 7, freeBytes: 70 };
  }

  onReplicaChange(listener: (replicaId: string) => void): () => void {
    this.#replicaListeners.add(listener);
    return () => void this.#replicaListeners.delete(listener);
  }

  onPeerChange(listener: () => void): () => void {
    this.#peerListeners.add(listener);
    return () => void this.#peerListeners.delete(listener);
  }

  set(replicaId: string, change: Partial<ReplicaFacts> = {}): void {
    this.#replicas.set(replicaId, { ...(this.#replicas.get(replicaId) ?? newReplica(replicaId)), ...change, replicaId });
    for (const listener of this.#replicaListeners) listener(replicaId);
  }

  drop(replicaId: string): void {
    this.#replicas.delete(replicaId);
    for (const listener of this.#replicaListeners) listener(replicaId);
  }

  setPeer(node: string, facts: Omit<PeerFacts, 'node'>): void {
    this.#peers.set(node, { node, ...facts });
    for (const listener of this.#peerListeners) listener();
  }

  /** Nothing tells of silence: it is there when somebody looks. */
  growsSilent(node: string, silentMs: number): void {
    this.#peers.set(node, { node, connected: true, silentMs, closedForMs: undefined });
  }
}

function newReplica(replicaId: string): ReplicaFacts {
  return {
    shard: `shard of ${replicaId}`,
    replicaId,
    epoch: 1n,
    role: 'following',
    serves: true,
    logged: 0n,
    committed: 0n,
    applied: 0n,
    points: 0,
    because: undefined,
    drainedTo: undefined,
  };
}
