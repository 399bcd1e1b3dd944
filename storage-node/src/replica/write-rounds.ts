/**
 * Writes of one shard while its replica leads. They go in rounds: a round takes what waits, resolves it and proposes it as entries; the
 * next gathers until those are durable here, so under load one sync covers many writes. Followers, commit and apply run beside. Only
 * operations that select by filter must see all before them applied: such a one begins a round of its own.
 */
import { BadInputError, InsufficientStorageError, NotPrimaryError, OverloadedError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { PointId } from '../model/point-id.ts';
import type { PointSelection, WriteOperation } from '../model/write-operation.ts';
import { membersInForce } from '../replication/commit.ts';
import { rules } from '../replication/rules.ts';
import { maxMessageBytes } from '../peer/link/link-limits.ts';
import { admitOperation, bytesOf, type AdmittedOperation } from '../shard/admission.ts';
import { encodeOperation } from '../shard/operation-codec.ts';
import type { ReplicaState } from '../shard/replica-state.ts';
import { resolveOperation, selectsByFilter } from '../shard/resolve-operation.ts';
import type { ResolvedOperation } from '../shard/resolved-operation.ts';
import type { WriteLevel, WriteResult } from '../shard/shard.ts';
import { WaitingWrites } from '../shard/waiting-writes.ts';
import type { Body } from './entry-store.ts';
import type { ReplicaRunner } from './replica-runner.ts';
import { RowNumbers } from './row-numbers.ts';
import type { WriteAnswers } from './write-answers.ts';

export interface WriteRoundsOptions {
  readonly shard: string;
  readonly config: CollectionConfig;
  readonly state: ReplicaState;
  readonly runner: ReplicaRunner;
  readonly answers: WriteAnswers;
  /** Ids that a selection names in what is applied. */
  readonly select: (selection: PointSelection) => Promise<readonly PointId[]>;
  /** Why writes cannot be taken now (a full disk), if they cannot. */
  readonly refusal: () => string | undefined;
  readonly onFailure: (error: unknown) => void;
}

interface WaitingWrite {
  readonly operation: AdmittedOperation;
  readonly bytes: number;
  readonly requestId: string;
  readonly level: WriteLevel;
  readonly answer: PromiseWithResolvers<WriteResult>;
}

/** Above what a request may hold; with the encoding around it an entry must fit into one message between nodes. */
const operationBytesMax = 64 * 1024 * 1024;
/** An entry goes to others whole; a filter may select any number of points. */
const entryBytesMax = maxMessageBytes - 1024 * 1024;
/** What the log keeps of a request id. */
const requestIdBytesMax = 128;
/** Entries in the log that are not applied yet; more wait in front of it. */
const unappliedMax = 1024n;

export class WriteRounds {
  readonly #options: WriteRoundsOptions;
  readonly #waiting = new WaitingWrites<WaitingWrite>();
  /** Writes that were received and are not answered yet, by request. */
  readonly #underWay = new Map<string, Promise<WriteResult>>();
  /** Requests of this epoch that are logged and not applied, in the order of their entries: some are answered before they are applied. */
  readonly #logged = new Map<string, WriteResult>();
  readonly #rows: RowNumbers;
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  #running: Promise<void> | undefined;

  constructor(options: WriteRoundsOptions) {
    this.#options = options;
    this.#rows = new RowNumbers(options.state);
    this.#unsubscribe = options.runner.changes.subscribe(() => this.#onChange());
  }

  async write(operation: WriteOperation, requestId: string, level: WriteLevel): Promise<WriteResult> {
    this.#refuseUnlessLeading();
    const known = this.#underWay.get(requestId);
    if (known) return await known;
    const done = this.#tookEffect(requestId);
    if (done) return await this.#reached(done, level);
    if (Buffer.byteLength(requestId) > requestIdBytesMax) throw new BadInputError(`a request id has at most ${requestIdBytesMax} bytes`);
    const refusal = this.#options.refusal() ?? this.#tooFewCopies();
    if (refusal instanceof Error) throw refusal;
    if (refusal !== undefined) throw new InsufficientStorageError(refusal);
    const admitted = admitOperation(operation, this.#options.config);
    const answer = Promise.withResolvers<WriteResult>();
    const write = { operation: admitted, bytes: bytesOf(admitted), requestId, level, answer };
    if (write.bytes > operationBytesMax) throw new BadInputError(`one write may hold at most ${operationBytesMax} bytes`);
    if (this.#options.answers.isFull || !this.#waiting.add(write))
      throw new OverloadedError(`too many writes wait for shard ${this.#options.shard}`, 1);
    this.#underWay.set(requestId, answer.promise);
    this.#kick();
    try {
      return await answer.promise;
    } finally {
      this.#underWay.delete(requestId);
    }
  }

  /** A request that is in the log is not refused for what would keep a new one out of it. */
  #tookEffect(requestId: string): WriteResult | undefined {
    return this.#mayPropose() ? (this.#options.state.requests.get(requestId) ?? this.#logged.get(requestId)) : undefined;
  }

  /** Writes that wait in front of the log are refused; the round under way ends. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#closing.abort();
    this.#refuseWaiting();
    await this.#running;
  }

  #onChange(): void {
    const { runner } = this.#options;
    if (!runner.isOpen || runner.replica.role.kind !== 'leading') this.#refuseWaiting();
    else this.#kick();
  }

  #kick(): void {
    if (this.#running === undefined && !this.#waiting.isEmpty && this.#mayPropose()) this.#running = this.#run();
  }

  /** What an earlier epoch left is applied first: it says which requests took effect and which rows are taken. */
  #mayPropose(): boolean {
    const { isOpen, replica } = this.#options.runner;
    const { role, applied } = replica;
    return isOpen && !this.#closing.signal.aborted && role.kind === 'leading' && role.phase === 'serving' && applied >= role.inherited;
  }

  async #run(): Promise<void> {
    const { runner, state, onFailure } = this.#options;
    try {
      await Promise.resolve(); // what is asked for in this turn joins the first round
      while (!this.#waiting.isEmpty && this.#mayPropose()) {
        await state.untilIndexed();
        const { signal } = this.#closing;
        const hasRoom = () => runner.replica.log.last - runner.replica.applied < unappliedMax || !this.#mayPropose();
        if (!hasRoom()) await runner.changes.until(hasRoom, signal);
        if (this.#mayPropose()) await this.#round(this.#waiting.takeRound());
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #round(writes: readonly WaitingWrite[]): Promise<void> {
    const { runner } = this.#options;
    const { epoch } = runner.replica;
    this.#forgetApplied(epoch);
    const [first] = writes;
    if (first !== undefined && selectsByFilter(first.operation)) await this.#untilAllApplied();
    const ready: { readonly write: WaitingWrite; readonly body: Body }[] = [];
    for (const write of writes) {
      try {
        const body = await this.#resolve(write);
        if (body !== undefined) ready.push({ write, body });
      } catch (error) {
        write.answer.reject(error); // refused before it was logged: nothing has happened
      }
    }
    if (ready.length === 0) return;
    if (!this.#mayPropose() || runner.replica.epoch !== epoch) {
      for (const { write } of ready) write.answer.reject(this.#notPrimary());
      return;
    }
    let sequence = runner.replica.log.last;
    // They wait from before, so that a replica that fails over them refuses them.
    for (const { write } of ready) {
      const result = { epoch, sequence: (sequence += 1n) };
      this.#logged.set(write.requestId, result);
      void this.#answer(write, result);
    }
    await runner.propose(ready.map(({ body }) => body));
  }

  /** Of these the applied state knows; and what an earlier epoch logged is applied, or cut off. */
  #forgetApplied(epoch: bigint): void {
    const { state } = this.#options;
    for (const [requestId, logged] of this.#logged) {
      if (logged.epoch === epoch && logged.sequence > state.appliedSequence) return;
      this.#logged.delete(requestId);
    }
  }

  /** Undefined when the request is in the log already. */
  async #resolve({ operation, requestId, level, answer }: WaitingWrite): Promise<Body | undefined> {
    const { state, select } = this.#options;
    const known = state.requests.get(requestId) ?? this.#logged.get(requestId);
    if (known) {
      void this.#answer({ level, answer }, known);
      return undefined;
    }
    const resolved = await resolveOperation(operation, { takeRow: () => this.#rows.take(this.#options.runner.replica.epoch), select });
    return { requestId, operation: encodeEntry(resolved), resolved };
  }

  async #answer({ level, answer }: Pick<WaitingWrite, 'level' | 'answer'>, result: WriteResult): Promise<void> {
    try {
      answer.resolve(await this.#reached(result, level));
    } catch (error) {
      answer.reject(error);
    }
  }

  async #reached(result: WriteResult, level: WriteLevel): Promise<WriteResult> {
    const { answers, state } = this.#options;
    // What an earlier epoch committed is not told again in this one.
    const isCommitted = level === 'committed' && result.sequence <= state.appliedSequence;
    if (!isCommitted) await answers.until(result.sequence, level);
    return result;
  }

  async #untilAllApplied(): Promise<void> {
    const { runner } = this.#options;
    const isApplied = () => runner.replica.applied >= runner.replica.log.last || !this.#mayPropose();
    // Of a replica that closes nothing is proposed any more, and who waits is told so.
    if (!isApplied()) await runner.changes.until(isApplied, this.#closing.signal).catch(() => {});
  }

  #tooFewCopies(): Error | undefined {
    const { role } = this.#options.runner.replica;
    if (role.kind !== 'leading') return undefined;
    const { minInSync } = role.configuration;
    const inSync = role.configuration.inSync.length;
    if (inSync >= minInSync || membersInForce(rules, role).length >= minInSync) return undefined;
    return new ShardUnavailableError(`${inSync} of at least ${minInSync} copies are in sync`);
  }

  #refuseUnlessLeading(): void {
    const { isOpen, replica } = this.#options.runner;
    if (!isOpen || this.#closing.signal.aborted || replica.role.kind !== 'leading') throw this.#notPrimary();
  }

  #refuseWaiting(): void {
    if (this.#waiting.isEmpty) return;
    const refused = this.#notPrimary();
    for (const { answer } of this.#waiting.takeAll()) answer.reject(refused);
  }

  #notPrimary(): NotPrimaryError {
    return new NotPrimaryError(this.#options.shard, this.#options.runner.replica.epoch);
  }
}

/** Throws BadInputError for what could be logged here and never be sent to another copy. */
export function encodeEntry(resolved: ResolvedOperation, bytesMax = entryBytesMax): Buffer {
  const encoded = encodeOperation(resolved);
  if (encoded.byteLength <= bytesMax) return encoded;
  throw new BadInputError(
    `the write takes ${encoded.byteLength} bytes in one shard, of at most ${bytesMax}: select fewer points at a time`,
  );
}
