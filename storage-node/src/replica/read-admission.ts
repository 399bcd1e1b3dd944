/** Lets a read in when the protocol says that this replica may answer it: at once, after a wait, or after the primary was asked. */
import { HistoryLostError, ShardUnavailableError } from '../errors.ts';
import { epochAt, type Position } from '../replication/log-shape.ts';
import type { Replica } from '../replication/replica.ts';
import { realAfter, type After } from './after.ts';
import { mayServe, type ReadDecision, type ReadLevel } from '../replication/serving-reads.ts';
import type { ReadGate } from '../shard/read-gate.ts';
import type { PendingReads } from './pending-reads.ts';
import type { ReplicaRunner } from './replica-runner.ts';

/** A replica that is not as far by then lets another one answer. */
const patienceMs = 1_000;
/** Tells two reads apart that begin while the clock stands. */
const instantMs = 0.001;
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
  readonly reads: PendingReads;
  /** Own monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly after?: After | undefined;
}

export class ReadAdmission implements ReadGate {
  readonly #options: ReadAdmissionOptions;
  /** When the last read began. */
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

  /** Later than any before: the answer to an older question must not do for a read of the same instant. */
  #begins(): number {
    this.#begunAt = Math.max(this.#options.now(), this.#begunAt + instantMs);
    return this.#begunAt;
  }

  async #prepare(decision: Admitted, read: Read, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { runner, reads, after = realAfter } = this.#options;
    const over = new AbortController();
    const leave = () => over.abort(signal?.reason);
    const giveUp = () => over.abort(new ShardUnavailableError(`this copy was not ready to answer within ${patienceMs} ms`));
    using _timer = after(patienceMs, giveUp);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      let ready = decision;
      while (ready.kind === 'ask-primary') {
        runner.feed({ kind: 'freshness-wanted', now: read.begunAt });
        await runner.changes.until(() => this.#decide(read).kind !== 'ask-primary', over.signal);
        ready = admitted(this.#decide(read));
      }
      if (ready.kind === 'wait') await this.#untilApplied(ready.untilApplied, over.signal);
      if (ready.kind === 'confirm') {
        const sequence = await reads.confirm((id) => runner.feed({ kind: 'linearizable-read', read: id }), over.signal);
        await this.#untilApplied(sequence, over.signal);
      }
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  async #untilApplied(sequence: bigint, signal: AbortSignal): Promise<void> {
    const { runner } = this.#options;
    if (runner.replica.applied < sequence) await runner.changes.until(() => runner.replica.applied >= sequence, signal);
  }

  #decide({ level, begunAt }: Read): ReadDecision {
    const { runner, now } = this.#options;
    const { replica } = runner;
    const isOutside = replica.role.kind === 'following' && runner.seen?.inSync.includes(replica.replicaId) !== true;
    if (isOutside && ofSetInForce.has(level.kind)) return { kind: 'elsewhere', because: 'it is not in sync' };
    return mayServe(replica, level, { now: now(), heardAt: runner.heardAt(), othersHeardAt: runner.othersHeardAt(), begunAt });
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
