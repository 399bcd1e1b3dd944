/** The replicas open in this process: what local and remote requests are answered from, and what other replicas speak to. */
import { UnknownShardError } from '../peer/encoding/refusal.ts';
import { ShardUnavailableError } from '../errors.ts';
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { Changes } from '../topology/changes.ts';
import type { DamagedReplica } from './damaged-replica.ts';

export class OpenReplicas {
  readonly #replicas = new Map<string, { readonly replica: LocalReplica; readonly unsubscribe: () => void }>();
  readonly #damaged = new Map<string, DamagedReplica>();
  readonly #byId = new Map<string, LocalReplica | DamagedReplica>();
  readonly #listeners = new Set<(replicaId: string) => void>();
  /** Told when a replica is opened, closed, or has changed. */
  readonly changes = new Changes();

  /** Throws UnknownShardError, and ShardUnavailableError for a damaged one. */
  get(uid: string): LocalReplica {
    const open = this.#replicas.get(uid);
    if (open !== undefined) return open.replica;
    const damaged = this.#damaged.get(uid);
    throw damaged === undefined ? new UnknownShardError(uid) : new ShardUnavailableError(`this copy is damaged: ${damaged.because}`);
  }

  find(uid: string): LocalReplica | undefined {
    return this.#replicas.get(uid)?.replica;
  }

  byId(replicaId: string): LocalReplica | DamagedReplica | undefined {
    return this.#byId.get(replicaId);
  }

  *facts(): Generator<ReplicaFacts> {
    for (const replica of this.#byId.values()) yield replica.facts();
  }

  add(uid: string, replica: LocalReplica): void {
    const unsubscribe = replica.runner.changes.subscribe(() => this.#changed(replica));
    this.#replicas.set(uid, { replica, unsubscribe });
    this.#byId.set(replica.replicaId, replica);
    this.#changed(replica);
  }

  addDamaged(uid: string, replica: DamagedReplica): void {
    this.#damaged.set(uid, replica);
    this.#byId.set(replica.replicaId, replica);
    this.#changed(replica);
  }

  remove(uid: string): void {
    const open = this.#replicas.get(uid);
    open?.unsubscribe();
    const removed = open?.replica ?? this.#damaged.get(uid);
    if (removed === undefined) return;
    this.#replicas.delete(uid);
    this.#damaged.delete(uid);
    this.#byId.delete(removed.replicaId);
    this.#changed(removed);
  }

  /** Calls back with the id of a replica that came, went, or took part in anything. Call the result to end it. */
  onReplicaChange(listener: (replicaId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when each shard's writes are ordered here in the epoch given or a later one. */
  async untilServed(epochs: ReadonlyMap<string, bigint>, signal: AbortSignal): Promise<void> {
    const isServed = ([uid, epoch]: readonly [string, bigint]) => (this.find(uid)?.servingEpoch ?? -1n) >= epoch;
    await this.changes.until(() => Array.from(epochs).every(isServed), signal);
  }

  #changed({ replicaId }: Pick<LocalReplica, 'replicaId'>): void {
    for (const listener of this.#listeners) listener(replicaId);
    this.changes.notify();
  }

  /** With those that were found damaged while they were open. */
  *all(): Generator<LocalReplica> {
    for (const { replica } of this.#replicas.values()) yield replica;
  }

  damaged(): Iterable<DamagedReplica> {
    return this.#damaged.values();
  }
}
