/** What is durable where, and what was promised on it. Replicas are known by their ids; where they are does not matter. */
import type { Log, LogEntry } from '@vectorcluster/engine/log/log.ts';
import type { Position } from '@vectorcluster/storage-node/replication/log-shape.ts';
import type { LogWitness } from '../node/witnessed-log.ts';
import { ShardHistory } from './shard-history.ts';
import { Violation } from './violation.ts';

interface Held {
  readonly shard: string;
  /** Everything up to here came with a snapshot. */
  base: bigint;
  /** By sequence. */
  readonly epochs: Map<bigint, bigint>;
}

export class Ledger implements LogWitness {
  onViolation: (error: unknown) => void = () => {};
  readonly #shards = new Map<string, ShardHistory>();
  readonly #held = new Map<string, Held>();
  readonly #shown = new Map<string, bigint>();
  readonly #everUsed = new Set<string>();
  /** Dropped, or lost with their volume. */
  readonly #gone = new Set<string>();
  /** Whose damage is known, or was made by us. */
  readonly damaged = new Set<string>();

  history(shard: string): ShardHistory {
    let history = this.#shards.get(shard);
    if (history === undefined) {
      history = new ShardHistory(shard);
      this.#shards.set(shard, history);
    }
    return history;
  }

  formatted(shard: string, replicaId: string): void {
    this.#told(() => {
      if (this.#everUsed.has(replicaId)) throw new Violation('I11', `replica id ${replicaId} is used again`);
    });
    this.#everUsed.add(replicaId);
    this.#held.set(replicaId, { shard, base: 0n, epochs: new Map() });
  }

  /** Its volume is gone. */
  lost(replicaId: string): void {
    this.#held.delete(replicaId);
    this.#gone.add(replicaId);
  }

  appending(entries: readonly LogEntry[]): void {
    this.#told(() => {
      for (const entry of entries) this.history(this.#of(entry.replica).shard).written(entry, entry);
    });
  }

  durable(entries: readonly LogEntry[]): void {
    for (const { replica, sequence, epoch } of entries) this.#held.get(replica)?.epochs.set(sequence, epoch);
  }

  truncated(replica: string, from: bigint): void {
    const { epochs } = this.#of(replica);
    for (const sequence of epochs.keys()) if (sequence >= from) epochs.delete(sequence);
  }

  forget(replica: string): void {
    const held = this.#held.get(replica);
    if (held === undefined) return;
    held.epochs.clear();
    held.base = 0n;
  }

  installed(replica: string, { sequence, epoch }: Position): void {
    const held = this.#of(replica);
    held.base = sequence;
    held.epochs.clear();
    held.epochs.set(sequence, epoch);
    this.#told(() => this.history(held.shard).appliedBy(replica, { sequence, epoch }));
  }

  /** A log that was opened again holds all that was durable: see the README of the engine's log. */
  found(replica: string, log: Pick<Log, 'extent' | 'epochRuns' | 'damaged'>, installed: bigint): void {
    const held = this.#held.get(replica);
    if (held !== undefined && held.base < installed) held.base = installed;
    this.#told(() => this.#compare(replica, log));
  }

  #compare(replica: string, log: Pick<Log, 'extent' | 'epochRuns' | 'damaged'>): void {
    const held = this.#held.get(replica);
    if (held === undefined || log.damaged.has(replica)) return;
    const { first, last } = log.extent(replica);
    const runs = log.epochRuns(replica);
    const highest = [...held.epochs.keys()].reduce((most, each) => (each > most ? each : most), 0n);
    if (last < highest && !(last < first && highest <= held.base) && !this.damaged.has(replica)) {
      throw new Violation('I4', `replica ${replica} has lost durable entries: its log ends at ${last}, ${highest} was durable`);
    }
    for (let sequence = first; sequence <= last; sequence += 1n) {
      const epoch = runs.findLast((run) => run.first <= sequence)?.epoch ?? 0n;
      const known = held.epochs.get(sequence);
      if (known !== undefined && known !== epoch)
        throw new Violation('I4', `replica ${replica} has another entry ${sequence} after a restart`);
      held.epochs.set(sequence, epoch);
    }
  }

  /** Whether that entry is on its disk; of one whose disk is gone nobody can say. */
  holds(replica: string, { sequence, epoch }: Position): boolean {
    if (this.#gone.has(replica)) return true;
    const held = this.#held.get(replica);
    if (held === undefined) return false;
    if (sequence <= held.base) return true;
    return held.epochs.get(sequence) === epoch;
  }

  hasShown(replica: string, sequence: bigint): boolean {
    return this.#gone.has(replica) || (this.#shown.get(replica) ?? 0n) >= sequence;
  }

  /** It applied everything up to there, in some life of its process. */
  showed(replica: string, upTo: bigint): void {
    if ((this.#shown.get(replica) ?? 0n) < upTo) this.#shown.set(replica, upTo);
  }

  epochOn(replica: string, sequence: bigint): bigint | undefined {
    return this.#held.get(replica)?.epochs.get(sequence);
  }

  /** Who calls may take it for a failure of its own and go on. */
  #told<Result>(check: () => Result): Result {
    try {
      return check();
    } catch (error) {
      this.onViolation(error);
      throw error;
    }
  }

  #of(replica: string): Held {
    const held = this.#held.get(replica);
    if (held === undefined) throw new Violation('I11', `replica ${replica} was never formatted`);
    return held;
  }
}
