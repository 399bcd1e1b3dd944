/** Lets a read in when the protocol says that this replica may answer it: at once, after a wait, or after the others were asked. */
import { randomInt } from 'node:crypto';
import { HistoryLostError, ShardUnavailableError } from '../errors.ts';
import { epochAt, type Position } from '../replication/log-shape.ts';
import { isAsking, type Replica } from '../replication/replica.ts';
import { realAfter, type After } from './after.ts';
import { mayServe, type ReadDecision, type ReadLevel } from '../replication/serving-reads.ts';
import type { ReadGate } from '../shard/read-gate.ts';
import type { ReplicaRunner } from './replica-runner.ts';

/** A replica that is not as far by then lets another one answer. */
const patienceMs = 1_000;
/** Tells a read and a question apart that begin while the clock stands. */
const instantMs = 0.001;
/** Of numbers of questions, drawn anew for each: an earlier process drew others. */
const questions = 2 ** 48 - 1;
/** Levels at which a copy that is no more, or not yet, in sync does not answer. */
const ofSetInForce: ReadonlySet<ReadLevel['kind']> = new Set(['recent', 'session', 'linearizable']);

type Admitted = Exclude<ReadDecision, { readonly kind: 'elsewhere' | 'lost' }>;

interface Read {
  readonly level: ReadLevel;
  /** Own monotonic clock, in milliseconds. */
  readonly begunAt: number;
}

export interface ReadAdmissionOptions {
  readonly runner: ReplicaRunner;
  /** Own monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly after?: After | undefined;
}

export class ReadAdmission implements ReadGate {
  readonly #options: ReadAdmissionOptions;
  /** When the last read or question began. */
  #begunAt = -Infinity;

  constructor(options: ReadAdmissionOptions) {
    this.#options = options;
  }

  async admit(level: ReadLevel, signal?: AbortSignal): Promise<Position> {
    const { runner } = this.#options;
    const read = { level, begunAt: this.#begins() };
    const decision = admitted(this.#decide(read));
    if (decision.kind !== 'serve') {
      await this.#prepare(decision, read, signal);
      // What came meanwhile may be another history than the session's.
      if (level.kind === 'session') admitted(this.#decide(read));
    }
    return appliedPosition(runner.replica);
  }

  /** Later than any before: a question put earlier in the same instant must not do for a read. */
  #begins(): number {
    this.#begunAt = Math.max(this.#options.now(), this.#begunAt + instantMs);
    return this.#begunAt;
  }

  async #prepare(decision: Admitted, read: Read, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { after = realAfter } = this.#options;
    const over = new AbortController();
    const leave = () => over.abort(signal?.reason);
    const giveUp = () => over.abort(new ShardUnavailableError(`this copy was not ready to answer within ${patienceMs} ms`));
    using _timer = after(patienceMs, giveUp);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      let ready = decision;
      while (ready.kind === 'ask') {
        await this.#askOthers(over.signal);
        ready = admitted(this.#decide(read));
      }
      if (ready.kind === 'wait') await this.#untilApplied(ready.untilApplied, over.signal);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  /** Resolves when the question is answered, or void. One that is under way may be older than the read: then the next is for it. */
  async #askOthers(signal: AbortSignal): Promise<void> {
    const { runner } = this.#options;
    if (!isAsking(runner.replica)) runner.feed({ kind: 'freshness-wanted', question: randomInt(questions), now: this.#begins() });
    await runner.changes.until(() => !isAsking(runner.replica) || runner.contact.isUnheard() || !runner.isOpen, signal);
    if (!runner.isOpen) throw new ShardUnavailableError('this copy is being closed');
  }

  async #untilApplied(sequence: bigint, signal: AbortSignal): Promise<void> {
    const { runner } = this.#options;
    if (runner.replica.applied < sequence) await runner.changes.until(() => runner.replica.applied >= sequence, signal);
  }

  #decide({ level, begunAt }: Read): ReadDecision {
    const { runner, now } = this.#options;
    const { replica, contact } = runner;
    const isOutside = replica.role.kind === 'following' && runner.seen?.inSync.includes(replica.replicaId) !== true;
    if (isOutside && ofSetInForce.has(level.kind)) return { kind: 'elsewhere', because: 'it is not in sync' };
    const decision = mayServe(replica, level, { now: now(), heardAt: contact.heardAt(), othersHeardAt: contact.othersHeardAt(), begunAt });
    if (decision.kind === 'ask' && contact.isUnheard()) return { kind: 'elsewhere', because: 'it does not reach every copy in sync' };
    return decision;
  }
}

function admitted(decision: ReadDecision): Admitted {
  if (decision.kind === 'lost') throw new HistoryLostError(decision.because);
  if (decision.kind === 'elsewhere') throw new ShardUnavailableError(`this copy cannot answer: ${decision.because}`);
  return decision;
}

export function appliedPosition({ applied, log, epoch }: Replica): Position {
  return { sequence: applied, epoch: epochAt(log, applied) ?? epoch };
}
