/**
 * One replica of a shard in this process.
 *
 * Writes go in rounds. A round takes what waits, resolves it, appends it to the log in one go, and when the log says it is durable and
 * the commit rule says it is committed, applies it and answers. The next round gathers meanwhile, so under load one sync covers many
 * writes. Only operations that select by filter must see all before them applied: such a one begins a round of its own.
 */
import assert from 'node:assert/strict';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { BadInputError, InsufficientStorageError, NotPrimaryError, OverloadedError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { phaseAfter, type ReplicaEvent, type ReplicaPhase } from '../replication/lifecycle.ts';
import { newPrimary, step, type Primary, type PrimaryEvent } from '../replication/primary.ts';
import { encodeOperation } from './operation-codec.ts';
import type { ReplicaState } from './replica-state.ts';
import { ReplicaReader } from './replica-reader.ts';
import { resolveOperation, selectsByFilter } from './resolve-operation.ts';
import type { ResolvedOperation } from './resolved-operation.ts';
import type { Shard, WriteResult } from './shard.ts';

export interface LocalReplicaOptions {
  readonly shard: string;
  readonly replicaId: string;
  readonly config: CollectionConfig;
  readonly log: Log;
  readonly documents: Documents;
  readonly state: ReplicaState;
  /** Why writes cannot be taken now (a full disk), if they cannot. */
  readonly refusal: () => string | undefined;
  /** Bytes appended, for the decision when to flush. */
  onAppended(bytes: number): void;
  /** The replica can no longer keep its promise: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

interface WaitingWrite {
  readonly operation: WriteOperation;
  readonly requestId: string;
  readonly answer: PromiseWithResolvers<WriteResult>;
}

interface AcceptedWrite {
  readonly requestId: string;
  readonly operation: ResolvedOperation;
  readonly encoded: Buffer;
  readonly answer: PromiseWithResolvers<WriteResult>;
}

/** Writes of one shard that may wait for their round. */
const waitingMax = 1024;
const roundMax = 256;
/** A round ends with the write that reaches this; the log takes one append of at most 2 GiB. */
const roundBytes = 8 * 1024 * 1024;
/** One write as the log holds it. */
const operationBytesMax = 256 * 1024 * 1024;
/** What the log keeps of a request id. */
const requestIdBytesMax = 128;

export class LocalReplica extends ReplicaReader implements Shard, AsyncDisposable {
  readonly #options: LocalReplicaOptions;
  #phase: ReplicaPhase = 'recovering';
  /** Highest epoch adopted; `#primary` follows between rounds. */
  #epoch = 0n;
  #primary: Primary | undefined;
  readonly #waiting: WaitingWrite[] = [];
  readonly #underWay = new Map<string, Promise<WriteResult>>();
  #rounds: Promise<void> | undefined;

  constructor(options: LocalReplicaOptions) {
    super(options);
    this.#options = options;
    this.#see('log-replayed');
  }

  get replicaId(): string {
    return this.#options.replicaId;
  }

  get appliedSequence(): bigint {
    return this.#options.state.appliedSequence;
  }

  /** From the next round on this replica orders writes in `epoch`, which is on its disk. */
  lead(epoch: bigint): void {
    assert(epoch > this.#epoch, 'epochs grow');
    this.#see('epoch-adopted');
    this.#epoch = epoch;
    if (!this.#rounds) this.#takeOver();
  }

  async write(operation: WriteOperation, requestId: string): Promise<WriteResult> {
    const known = this.#underWay.get(requestId) ?? this.#options.state.requests.get(requestId);
    if (known) return known;
    this.#refuseUnlessPrimary();
    if (Buffer.byteLength(requestId) > requestIdBytesMax) throw new BadInputError(`a request id has at most ${requestIdBytesMax} bytes`);
    const refusal = this.#options.refusal();
    if (refusal !== undefined) throw new InsufficientStorageError(refusal);
    if (this.#waiting.length >= waitingMax) throw new OverloadedError(`${waitingMax} writes wait for shard ${this.#options.shard}`, 1);
    const answer = Promise.withResolvers<WriteResult>();
    this.#waiting.push({ operation, requestId, answer });
    this.#underWay.set(requestId, answer.promise);
    this.#rounds ??= this.#run();
    try {
      return await answer.promise;
    } finally {
      this.#underWay.delete(requestId);
    }
  }

  /** Writes that wait are refused; the round under way and reads are answered first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#see('closed');
    const refused = new NotPrimaryError(this.#options.shard, this.#epoch);
    for (const { answer } of this.#waiting.splice(0)) answer.reject(refused);
    await Promise.all([this.#rounds, this.stopReading()]);
    this.#options.state[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await this.#options.state.untilIndexed();
        await this.#round();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#rounds = undefined;
    }
  }

  async #round(): Promise<void> {
    if (this.#phase === 'primary') this.#takeOver();
    const accepted = await this.#acceptRound();
    if (accepted.length === 0) return;
    try {
      const answers = await this.#commit(accepted);
      for (const [index, result] of answers.entries()) accepted[index]?.answer.resolve(result);
    } catch (error) {
      for (const { answer } of accepted) answer.reject(new ShardUnavailableError('the write may or may not take effect', { cause: error }));
      throw error;
    }
  }

  /** What is refused here was not logged: nothing has happened. */
  async #acceptRound(): Promise<readonly AcceptedWrite[]> {
    const accepted: AcceptedWrite[] = [];
    let bytes = 0;
    while (accepted.length < roundMax && bytes < roundBytes) {
      const [next] = this.#waiting;
      if (!next || (accepted.length > 0 && selectsByFilter(next.operation))) break;
      this.#waiting.shift();
      try {
        this.#refuseUnlessPrimary();
        const operation = await resolveOperation(next.operation, this.#resolving());
        const encoded = encodeOperation(operation);
        if (encoded.length > operationBytesMax) throw new BadInputError(`one write may hold at most ${operationBytesMax} bytes`);
        accepted.push({ requestId: next.requestId, answer: next.answer, operation, encoded });
        bytes += encoded.length;
      } catch (error) {
        next.answer.reject(error);
      }
    }
    return accepted;
  }

  async #commit(round: readonly AcceptedWrite[]): Promise<readonly WriteResult[]> {
    const { replicaId: replica, log, state } = this.#options;
    const { epoch } = this.#advance({ kind: 'proposed', entries: round.length });
    const first = state.appliedSequence + 1n;
    const entries = round.map(({ encoded: operation, requestId }, index) => {
      return { replica, epoch, sequence: first + BigInt(index), requestId, operation };
    });
    this.#options.onAppended(entries.reduce((sum, entry) => sum + entry.operation.byteLength, 0));
    await log.append(entries);
    const last = first + BigInt(entries.length - 1);
    const { committed } = this.#advance({ kind: 'persisted', upTo: last });
    assert(committed === last, 'with one copy what is durable is committed');
    await state.apply(
      round.map(({ operation, requestId }, index) => ({ operation, requestId, sequence: first + BigInt(index) })),
      epoch,
    );
    return entries.map(({ sequence }) => ({ epoch, sequence }));
  }

  /** Between rounds nothing is proposed that is not applied, so a primary may begin anew from what is applied. */
  #takeOver(): void {
    if (this.#primary?.epoch === this.#epoch) return;
    const { replicaId, state } = this.#options;
    this.#primary = newPrimary({
      replica: replicaId,
      epoch: this.#epoch,
      inSync: [replicaId],
      minInSync: 1,
      logged: state.appliedSequence,
    });
  }

  /** After a failure between log and memory nobody may trust this process with the shard. */
  #fail(error: unknown): void {
    this.#see('closed');
    for (const { answer } of this.#waiting.splice(0)) answer.reject(new ShardUnavailableError('the replica failed', { cause: error }));
    this.#options.onFatal(error);
  }

  #advance(event: PrimaryEvent): Primary {
    assert(this.#primary, 'only a primary orders writes');
    const [primary] = step(this.#primary, event);
    this.#primary = primary;
    return primary;
  }

  #resolving() {
    const { config, state } = this.#options;
    return { config, nextRow: () => state.takeRow(), select: (selection: Parameters<typeof this.select>[0]) => this.select(selection) };
  }

  #refuseUnlessPrimary(): void {
    if (this.#phase !== 'primary') throw new NotPrimaryError(this.#options.shard, this.#epoch);
  }

  #see(event: ReplicaEvent): void {
    this.#phase = phaseAfter(this.#phase, event);
  }
}
