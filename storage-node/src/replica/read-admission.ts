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

export interface ReadAdmissionOptions {
  readonly runner: ReplicaRunner;
  readonly reads: PendingReads;
  /** Own monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly after?: After | undefined;
}

export class ReadAdmission implements ReadGate {
  readonly #options: ReadAdmissionOptions;

  constructor(options: ReadAdmissionOptions) {
    this.#options = options;
  }

  async admit(level: ReadLevel, signal?: AbortSignal): Promise<Position> {
    const { runner } = this.#options;
    const decision = admitted(this.#decide(level));
    if (decision.kind !== 'serve') {
      await this.#prepare(decision, level, signal);
      // What came meanwhile may be another history than the session's.
      if (level.kind === 'session') admitted(this.#decide(level));
    }
    return appliedPosition(runner.replica);
  }

  async #prepare(
    decision: Exclude<ReadDecision, { readonly kind: 'serve' | 'elsewhere' | 'lost' }>,
    level: ReadLevel,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { runner, reads, now, after = realAfter } = this.#options;
    const patience = new AbortController();
    const tooSlow = patience.signal;
    using _timer = after(patienceMs, () => patience.abort());
    const either = signal === undefined ? tooSlow : AbortSignal.any([signal, tooSlow]);
    try {
      if (decision.kind === 'wait') await this.#untilApplied(decision.untilApplied, either);
      else if (decision.kind === 'confirm') {
        const sequence = await reads.confirm((read) => runner.feed({ kind: 'linearizable-read', read }), either);
        await this.#untilApplied(sequence, either);
      } else {
        runner.feed({ kind: 'freshness-wanted', now: now() });
        await runner.changes.until(() => this.#decide(level).kind !== 'ask-primary', either);
        const then = admitted(this.#decide(level));
        if (then.kind === 'wait') await this.#untilApplied(then.untilApplied, either);
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (tooSlow.aborted) throw new ShardUnavailableError(`this copy was not ready to answer within ${patienceMs} ms`, { cause: error });
      throw error;
    }
  }

  async #untilApplied(sequence: bigint, signal: AbortSignal): Promise<void> {
    const { runner } = this.#options;
    if (runner.replica.applied < sequence) await runner.changes.until(() => runner.replica.applied >= sequence, signal);
  }

  #decide(level: ReadLevel): ReadDecision {
    const { runner, now } = this.#options;
    const { replica } = runner;
    const isOutside = replica.role.kind === 'following' && runner.seen?.inSync.includes(replica.replicaId) !== true;
    if (isOutside && (level.kind === 'recent' || level.kind === 'session')) return { kind: 'elsewhere', because: 'it is not in sync' };
    return mayServe(replica, level, { now: now(), heardAt: runner.heardAt() });
  }
}

function admitted(decision: ReadDecision): Exclude<ReadDecision, { readonly kind: 'elsewhere' | 'lost' }> {
  if (decision.kind === 'lost') throw new HistoryLostError(decision.because);
  if (decision.kind === 'elsewhere') throw new ShardUnavailableError(`this copy cannot answer: ${decision.because}`);
  return decision;
}

export function appliedPosition({ applied, log, epoch }: Replica): Position {
  return { sequence: applied, epoch: epochAt(log, applied) ?? epoch };
}
