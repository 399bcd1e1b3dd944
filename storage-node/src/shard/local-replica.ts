/**
 * One replica of a shard in this process: runs what replication/primary.ts decides.
 *
 * Writes go in rounds. A round takes what waits, resolves it, and carries out the effects: append to the log in one go, and what is
 * committed is applied and answered. The next round gathers meanwhile, so under load one sync covers many writes. Only operations that
 * select by filter must see all before them applied: such a one begins a round of its own.
 */
import assert from 'node:assert/strict';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { BadInputError, InsufficientStorageError, NotPrimaryError, OverloadedError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { phaseAfter, type ReplicaEvent, type ReplicaPhase } from '../replication/lifecycle.ts';
import type { Position } from '../replication/log-shape.ts';
import { newPrimary, step, type Primary, type PrimaryEffect, type PrimaryEvent } from '../replication/primary.ts';
import { admitOperation, bytesOf, type AdmittedOperation } from './admission.ts';
import { encodeOperation } from './operation-codec.ts';
import type { ReadGate } from './read-gate.ts';
import { ReplicaReader } from './replica-reader.ts';
import type { ReplicaState } from './replica-state.ts';
import { resolveOperation } from './resolve-operation.ts';
import type { ResolvedOperation } from './resolved-operation.ts';
import type { Shard, WriteLevel, WriteResult } from './shard.ts';
import { WaitingWrites } from './waiting-writes.ts';

export interface LocalReplicaOptions {
  readonly shard: string;
  readonly replicaId: string;
  readonly config: CollectionConfig;
  readonly log: Log;
  readonly state: ReplicaState;
  /** Why writes cannot be taken now (a full disk), if they cannot. */
  readonly refusal: () => string | undefined;
  /** Bytes appended, for the decision when to flush. */
  readonly onAppended: (bytes: number) => void;
  /** The replica can no longer keep its promise: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

interface WaitingWrite {
  readonly operation: AdmittedOperation;
  readonly bytes: number;
  readonly requestId: string;
  readonly answer: PromiseWithResolvers<WriteResult>;
}

interface ProposedWrite {
  readonly operation: ResolvedOperation;
  readonly encoded: Buffer;
  readonly requestId: string;
  readonly answer: PromiseWithResolvers<WriteResult>;
}

/** Proposed writes with the place in the log that they were given. */
interface LoggedWrite extends ProposedWrite, WriteResult {}

/** Far above what a request may hold; the log takes entries of up to 256 MiB. */
const operationBytesMax = 128 * 1024 * 1024;
/** What the log keeps of a request id. */
const requestIdBytesMax = 128;

/** Gate of a replica that is alone: nothing is acknowledged that it does not show. */
class AppliedGate implements ReadGate {
  readonly #state: ReplicaState;
  /** Of the last entry applied in this run. */
  epoch = 0n;

  constructor(state: ReplicaState) {
    this.#state = state;
  }

  async admit(): Promise<Position> {
    return { sequence: this.#state.appliedSequence, epoch: this.epoch };
  }
}

export class LocalReplica extends ReplicaReader implements Shard, AsyncDisposable {
  readonly #options: LocalReplicaOptions;
  readonly #gate: AppliedGate;
  #phase: ReplicaPhase = 'recovering';
  #primary: Primary | undefined;
  readonly #waiting = new WaitingWrites<WaitingWrite>();
  /** Writes that were received and are not answered yet, by request. */
  readonly #underWay = new Map<string, Promise<WriteResult>>();
  #rounds: Promise<void> | undefined;
  /** In the log and not committed yet. */
  #uncommitted: readonly LoggedWrite[] = [];

  constructor(options: LocalReplicaOptions) {
    const gate = new AppliedGate(options.state);
    super({ config: options.config, state: options.state, gate });
    this.#options = options;
    this.#gate = gate;
    this.#see('log-replayed');
  }

  get replicaId(): string {
    return this.#options.replicaId;
  }

  get appliedSequence(): bigint {
    return this.#options.state.appliedSequence;
  }

  /** From now on this replica orders the writes of `epoch`, which is on its disk. What is in the log already stays as it is. */
  lead(epoch: bigint): void {
    const { replicaId, state } = this.#options;
    this.#see('epoch-adopted');
    if (this.#primary) {
      this.#advance({ kind: 'epoch-adopted', epoch });
      return;
    }
    const reached = { logged: state.appliedSequence, committed: state.appliedSequence };
    this.#primary = newPrimary({ replica: replicaId, epoch, inSync: [replicaId], minInSync: 1, ...reached });
  }

  /** Committing and showing are one here, so both levels are answered at the same time. */
  async write(operation: WriteOperation, requestId: string, _level: WriteLevel): Promise<WriteResult> {
    const known = this.#underWay.get(requestId) ?? this.#options.state.requests.get(requestId);
    if (known) return known;
    this.#refuseUnlessPrimary();
    if (Buffer.byteLength(requestId) > requestIdBytesMax) throw new BadInputError(`a request id has at most ${requestIdBytesMax} bytes`);
    const refusal = this.#options.refusal();
    if (refusal !== undefined) throw new InsufficientStorageError(refusal);
    const admitted = admitOperation(operation, this.#options.config);
    const answer = Promise.withResolvers<WriteResult>();
    const write = { operation: admitted, bytes: bytesOf(admitted), requestId, answer };
    if (write.bytes > operationBytesMax) throw new BadInputError(`one write may hold at most ${operationBytesMax} bytes`);
    if (!this.#waiting.add(write)) throw new OverloadedError(`too many writes wait for shard ${this.#options.shard}`, 1);
    this.#underWay.set(requestId, answer.promise);
    this.#rounds ??= this.#run();
    try {
      return await answer.promise;
    } finally {
      this.#underWay.delete(requestId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ save: true });
  }

  /**
   * Writes that wait are refused; the round under way and the reads are answered first. `save` is false when the data is about to be
   * deleted.
   */
  async close({ save }: { readonly save: boolean }): Promise<void> {
    this.#see('closed');
    const refused = new NotPrimaryError(this.#options.shard, this.#primary?.epoch ?? 0n);
    for (const { answer } of this.#waiting.takeAll()) answer.reject(refused);
    await this.#rounds;
    await this.#options.state.close({ save });
  }

  async #run(): Promise<void> {
    try {
      while (!this.#waiting.isEmpty) {
        await this.#options.state.untilIndexed();
        await this.#round(this.#waiting.takeRound());
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#rounds = undefined;
    }
  }

  async #round(writes: readonly WaitingWrite[]): Promise<void> {
    const proposed: ProposedWrite[] = [];
    for (const { operation, requestId, answer } of writes) {
      try {
        this.#refuseUnlessPrimary();
        const resolved = await this.#resolve(operation);
        proposed.push({ operation: resolved, encoded: encodeOperation(resolved), requestId, answer });
      } catch (error) {
        answer.reject(error); // refused before it was logged: nothing has happened
      }
    }
    if (proposed.length === 0) return;
    try {
      await this.#carryOut(this.#advance({ kind: 'proposed', entries: proposed.length }), proposed);
    } catch (error) {
      for (const { answer } of proposed) answer.reject(new ShardUnavailableError('the write may or may not take effect', { cause: error }));
      throw error;
    }
  }

  /** Effects in their order; what they bring about comes back as events, whose effects follow before the next one. */
  async #carryOut(effects: readonly PrimaryEffect[], proposed: readonly ProposedWrite[]): Promise<void> {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'persist':
          await this.#persist(effect, proposed);
          await this.#carryOut(this.#advance({ kind: 'persisted', upTo: effect.last }), []);
          break;
        case 'commit':
          await this.#applyAndAnswer(effect.upTo);
          break;
        case 'step-down':
          this.#see('newer-epoch-seen');
          break;
      }
    }
  }

  async #persist({ epoch, first, last }: Extract<PrimaryEffect, { kind: 'persist' }>, proposed: readonly ProposedWrite[]): Promise<void> {
    assert(last - first + 1n === BigInt(proposed.length), 'every proposed write has a sequence');
    const { replicaId: replica, log, onAppended } = this.#options;
    const logged = proposed.map((write, index) => ({ ...write, epoch, sequence: first + BigInt(index) }));
    this.#uncommitted = [...this.#uncommitted, ...logged];
    onAppended(proposed.reduce((sum, { encoded }) => sum + encoded.length, 0));
    await log.append(logged.map(({ sequence, requestId, encoded: operation }) => ({ replica, epoch, sequence, requestId, operation })));
  }

  async #applyAndAnswer(upTo: bigint): Promise<void> {
    const committed = this.#uncommitted.filter(({ sequence }) => sequence <= upTo);
    this.#uncommitted = this.#uncommitted.slice(committed.length);
    for (const [epoch, writes] of Map.groupBy(committed, (write) => write.epoch)) await this.#options.state.apply(writes, epoch);
    this.#gate.epoch = committed.at(-1)?.epoch ?? this.#gate.epoch;
    for (const { answer, epoch, sequence } of committed) answer.resolve({ epoch, sequence });
  }

  async #resolve(operation: AdmittedOperation): Promise<ResolvedOperation> {
    const { state } = this.#options;
    return await resolveOperation(operation, {
      takeRow: () => state.takeRow(),
      select: (selection) => this.select(selection),
    });
  }

  #advance(event: PrimaryEvent): readonly PrimaryEffect[] {
    assert(this.#primary, 'only a primary orders writes');
    const [primary, effects] = step(this.#primary, event);
    this.#primary = primary;
    return effects;
  }

  /** After a failure between log and memory nobody may trust this process with the shard. */
  #fail(error: unknown): void {
    this.#see('closed');
    for (const { answer } of this.#waiting.takeAll()) answer.reject(new ShardUnavailableError('the replica failed', { cause: error }));
    this.#options.onFatal(error);
  }

  #refuseUnlessPrimary(): void {
    if (this.#phase !== 'primary') throw new NotPrimaryError(this.#options.shard, this.#primary?.epoch ?? 0n);
  }

  #see(event: ReplicaEvent): void {
    this.#phase = phaseAfter(this.#phase, event);
  }
}
