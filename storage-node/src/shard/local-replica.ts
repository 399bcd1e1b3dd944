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
import { InsufficientStorageError, NotPrimaryError, OverloadedError, ShardUnavailableError } from '../errors.ts';
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

/** Writes of one shard that may wait for their round. */
const waitingMax = 1024;
const roundMax = 256;

export class LocalReplica extends ReplicaReader implements Shard, AsyncDisposable {
  readonly #options: LocalReplicaOptions;
  #phase: ReplicaPhase = 'recovering';
  #primary: Primary | undefined;
  #waiting: WaitingWrite[] = [];
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

  /** From now on this replica orders the writes of `epoch`. */
  lead(epoch: bigint): void {
    const { replicaId, state } = this.#options;
    assert(!this.#primary || epoch >= this.#primary.epoch, 'epochs never go back');
    this.#see('epoch-adopted');
    this.#primary = newPrimary({ replica: replicaId, epoch, inSync: [replicaId], minInSync: 1, logged: state.appliedSequence });
  }

  async write(operation: WriteOperation, requestId: string): Promise<WriteResult> {
    const known = this.#underWay.get(requestId) ?? this.#options.state.requests.get(requestId);
    if (known) return known;
    this.#refuseUnlessPrimary();
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#see('closed');
    await this.#rounds;
    this.#options.state[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await this.#options.state.untilIndexed();
        await this.#round(this.#takeRound());
      }
    } finally {
      this.#rounds = undefined;
    }
  }

  #takeRound(): readonly WaitingWrite[] {
    const filtered = this.#waiting.findIndex(({ operation }, index) => index > 0 && selectsByFilter(operation));
    const taken = this.#waiting.slice(0, Math.min(roundMax, filtered < 0 ? roundMax : filtered));
    this.#waiting = this.#waiting.slice(taken.length);
    return taken;
  }

  async #round(writes: readonly WaitingWrite[]): Promise<void> {
    const accepted: { readonly write: WaitingWrite; readonly operation: ResolvedOperation }[] = [];
    for (const write of writes) {
      try {
        this.#refuseUnlessPrimary();
        accepted.push({ write, operation: await resolveOperation(write.operation, this.#resolving()) });
      } catch (error) {
        write.answer.reject(error); // refused before it was logged: nothing has happened
      }
    }
    if (accepted.length === 0) return;
    try {
      const answers = await this.#commit(accepted.map(({ operation, write }) => ({ operation, requestId: write.requestId })));
      for (const [index, { write }] of accepted.entries()) {
        const answer = answers[index];
        if (answer) write.answer.resolve(answer);
      }
    } catch (error) {
      for (const { write } of accepted)
        write.answer.reject(new ShardUnavailableError('the write may or may not take effect', { cause: error }));
      this.#options.onFatal(error);
    }
  }

  async #commit(round: readonly { readonly operation: ResolvedOperation; readonly requestId: string }[]): Promise<readonly WriteResult[]> {
    const { replicaId: replica, log, state } = this.#options;
    const { epoch } = this.#advance({ kind: 'proposed', entries: round.length });
    const first = state.appliedSequence + 1n;
    const entries = round.map(({ operation, requestId }, index) => {
      return { replica, epoch, sequence: first + BigInt(index), requestId, operation: encodeOperation(operation) };
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
    if (this.#phase !== 'primary') throw new NotPrimaryError(this.#options.shard, this.#primary?.epoch ?? 0n);
  }

  #see(event: ReplicaEvent): void {
    this.#phase = phaseAfter(this.#phase, event);
  }
}
