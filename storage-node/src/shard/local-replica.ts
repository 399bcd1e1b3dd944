/** One replica of a shard in this process: follows, leads and answers as the replication protocol says. */
import type { Log } from '@vectorcluster/engine/log/log.ts';
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { After } from '../replica/after.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { ReadAdmission } from '../replica/read-admission.ts';
import type { RetentionLimits } from '../replica/retention.ts';
import type { ReplicaRunner } from '../replica/replica-runner.ts';
import type { WriteAnswers } from '../replica/write-answers.ts';
import { WriteRounds } from '../replica/write-rounds.ts';
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import type { Configuration } from '../replication/configuration.ts';
import { NotPrimaryError } from '../errors.ts';
import { ReplicaReader } from './replica-reader.ts';
import type { ReplicaState } from './replica-state.ts';
import type { Shard, WriteLevel, WriteResult } from './shard.ts';

export interface LocalReplicaParts {
  readonly config: CollectionConfig;
  readonly state: ReplicaState;
  readonly runner: ReplicaRunner;
  readonly answers: WriteAnswers;
  /** Why writes cannot be taken now (a full disk), if they cannot. */
  readonly refusal: () => string | undefined;
  readonly onFailure: (error: unknown) => void;
  readonly now: () => number;
  readonly after?: After | undefined;
}

export class LocalReplica extends ReplicaReader implements Shard, AsyncDisposable {
  readonly #parts: LocalReplicaParts;
  readonly #rounds: WriteRounds;

  constructor(parts: LocalReplicaParts) {
    super({ ...parts, gate: new ReadAdmission(parts) });
    this.#parts = parts;
    const { shard } = parts.runner.replica;
    this.#rounds = new WriteRounds({ ...parts, shard, select: (selection) => this.select(selection) });
  }

  get replicaId(): string {
    return this.#parts.runner.replica.replicaId;
  }

  get shard(): string {
    return this.#parts.runner.replica.shard;
  }

  /** Why it is barred; undefined while it is not. */
  get damage(): string | undefined {
    const { role } = this.#parts.runner.replica;
    return role.kind === 'barred' ? role.because : undefined;
  }

  get runner(): ReplicaRunner {
    return this.#parts.runner;
  }

  /** What its documents reflect. */
  get appliedSequence(): bigint {
    return this.#parts.state.appliedSequence;
  }

  /** Epoch whose writes it orders; undefined while it orders none. */
  get servingEpoch(): bigint | undefined {
    const { role, epoch, applied } = this.#parts.runner.replica;
    return role.kind === 'leading' && role.phase !== 'adopting' && applied >= role.inherited ? epoch : undefined;
  }

  /** Entries that it knows to be committed and does not show yet. */
  get lagEntries(): number {
    const { role, committed, applied } = this.#parts.runner.replica;
    const told = role.kind === 'following' ? (role.heard?.committed ?? 0n) : committed;
    return Number(told > applied ? told - applied : 0n);
  }

  see(configuration: Configuration): void {
    this.#parts.runner.see(configuration);
  }

  receive(node: string, message: LinkMessage): void | Promise<void> {
    return this.#parts.runner.receive(node, message);
  }

  async write(operation: WriteOperation, requestId: string, level: WriteLevel): Promise<WriteResult> {
    return await this.#rounds.write(operation, requestId, level);
  }

  /** Lets the log forget what is in no retention; documents up to `flushed` are on the disk. */
  release(log: Log, flushed: bigint, limits: RetentionLimits): void {
    const { runner } = this.#parts;
    const upTo = runner.releasable(flushed, limits);
    const { first } = log.extent(this.replicaId);
    if (upTo < first) return;
    runner.feed({ kind: 'log-released', upTo });
    log.releaseUpTo(this.replicaId, upTo);
  }

  facts(): ReplicaFacts {
    const { runner, state } = this.#parts;
    const { shard, replicaId, epoch, log, committed, applied, role } = runner.replica;
    const isFollowing = role.kind === 'following' && role.heard !== undefined;
    return {
      shard,
      replicaId,
      epoch,
      role: role.kind,
      serves: isFollowing || this.servingEpoch !== undefined,
      logged: log.last,
      committed,
      applied,
      points: state.points,
      because: this.damage,
      drainedTo: runner.drainedTo,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ save: true });
  }

  /**
   * Writes that wait are refused; those in the log are left to the next primary; reads under way are answered first. `save` is false
   * when the data is about to be deleted.
   */
  async close({ save }: { readonly save: boolean }): Promise<void> {
    const { runner, answers, state } = this.#parts;
    const { shard, epoch } = runner.replica;
    await this.#rounds.close();
    await runner.close();
    answers.refuse(new NotPrimaryError(shard, epoch));
    await state.close({ save });
  }
}
