/** Recovery: documents as they are and the log as it is. What of the log is committed, only a primary can say. */
import { DocumentsFailedError, UnreadableDocumentsError } from '@vectorcluster/engine/documents/documents-errors.ts';
import { LogCorruptionError, type Log } from '@vectorcluster/engine/log/log.ts';
import { ShardUnavailableError } from '../errors.ts';
import { Applier } from '../replica/applier.ts';
import type { EntryMemory } from '../replica/entry-memory.ts';
import { EntryStore } from '../replica/entry-store.ts';
import type { ConfigurationStore, ReplicaNetwork, SnapshotInstaller } from '../replica/ports.ts';
import type { Mistake } from '../replica/mistake.ts';
import { ReplicaRunner, type RunnerOptions } from '../replica/replica-runner.ts';
import { WriteAnswers } from '../replica/write-answers.ts';
import { emptyLog, logAfter, type LogShape, type Position } from '../replication/log-shape.ts';
import { startReplica } from '../replication/replica.ts';
import type { FetchedSnapshot } from '../snapshot/fetch-snapshot.ts';
import { LocalReplica, type LocalReplicaParts } from './local-replica.ts';
import { OperationFormatError } from './operation-codec.ts';
import { ReplicaState, type ReplicaStateOptions } from './replica-state.ts';

export interface OpenReplicaOptions
  extends
    Omit<ReplicaStateOptions, 'onIndexFailure'>,
    Pick<LocalReplicaParts, 'refusal'>,
    Pick<
      RunnerOptions,
      'saveEpoch' | 'onFatal' | 'isFull' | 'onAppended' | 'onRefused' | 'onMistake' | 'onSnapshotFailure' | 'now' | 'after' | 'step'
    > {
  readonly shard: string;
  /** Highest epoch that the replica has said it knows. */
  readonly epoch: bigint;
  readonly log: Log;
  readonly memory: EntryMemory;
  readonly network: ReplicaNetwork;
  readonly configuration: ConfigurationStore;
  /** Where the log begins, when a snapshot was installed in this replica. */
  readonly installed: Position | undefined;
  readonly snapshots: Pick<SnapshotInstaller, 'fetch'> & {
    /** Replaces documents, saved segments and log; the replica's state is closed. */
    replace(fetched: FetchedSnapshot): Promise<void>;
  };
}

/** Log and documents do not fit together: one of them was deleted or taken from a copy of another time. */
export class ReplicaGapError extends Error {
  override readonly name = 'ReplicaGapError';
}

/** What says that the data of a replica are not what was written, whatever is tried again. */
export function isDamage(error: unknown): error is Error {
  return (
    error instanceof LogCorruptionError ||
    error instanceof ReplicaGapError ||
    error instanceof OperationFormatError ||
    error instanceof UnreadableDocumentsError
  );
}

/** Throws ReplicaGapError, and LogCorruptionError at damage in the log. */
export async function openReplica(options: OpenReplicaOptions): Promise<LocalReplica> {
  const { shard, replicaId, log, epoch } = options;
  let runner: ReplicaRunner | undefined;
  /** Of the disk under everything, or of this replica alone. */
  const failed = (during: Mistake['during'] | 'disk') => (error: unknown) => {
    if (isDamage(error)) runner?.feed({ kind: 'damage-found', because: error.message });
    else if (runner !== undefined && during !== 'disk' && !(error instanceof DocumentsFailedError)) runner.bar({ during, error });
    else {
      runner?.abandon();
      answers.refuse(new ShardUnavailableError('the replica failed', { cause: error }));
      options.onFatal(error);
    }
  };
  const answers = new WriteAnswers();
  const state = await ReplicaState.load({ ...options, onIndexFailure: failed('index') });
  try {
    const shape = shapeOf(options, state.applied);
    const knownEpoch = shape.runs.at(-1)?.epoch ?? 0n;
    const replica = startReplica({
      shard,
      replicaId,
      epoch: epoch > knownEpoch ? epoch : knownEpoch,
      log: shape,
      applied: state.appliedSequence,
    });
    const entries = new EntryStore(log, replicaId, options.memory);
    const applier: RunnerOptions['applier'] = (onApplied) =>
      new Applier({ entries, state, durable: shape.last, onApplied, onFailure: failed('apply') });
    const snapshots: SnapshotInstaller = {
      fetch: (place, signal) => options.snapshots.fetch(place, signal),
      install: (fetched) => state.replace(() => options.snapshots.replace(fetched)),
    };
    runner = new ReplicaRunner({ ...options, snapshots, replica, entries, answers, applier, onFatal: failed('disk') });
    return new LocalReplica({ ...options, state, runner, answers, onFailure: failed('order-writes') });
  } catch (error) {
    await state.close({ save: false });
    throw error;
  }
}

/** A log that has lost its beginning cannot say what came before its first entry: that one is then known by its position only. */
function shapeOf({ shard, replicaId, log, installed }: OpenReplicaOptions, applied: Position): LogShape {
  const { first, last } = log.extent(replicaId);
  const isAtInstalled = installed !== undefined && installed.sequence === applied.sequence;
  if (installed !== undefined && applied.sequence < installed.sequence)
    throw gap(shard, `the documents reach write ${applied.sequence}, and held a snapshot up to ${installed.sequence}: documents/ was lost`);
  if (first > applied.sequence + 1n)
    throw gap(
      shard,
      `the documents reach write ${applied.sequence}, the log begins at ${first}: the folder documents/ was deleted or is older`,
    );
  if (last < first) {
    if (last < applied.sequence && !(isAtInstalled && last === 0n)) throw behind(shard, applied.sequence, last);
    return applied.sequence === 0n ? emptyLog : logAfter(applied);
  }
  if (last < applied.sequence) throw behind(shard, applied.sequence, last);
  const runs = log.epochRuns(replicaId);
  const begin = runs[0];
  if (first === 1n || begin === undefined) return { ...emptyLog, runs, last };
  if (first === applied.sequence + 1n) return { snapshot: applied, runs, last };
  const rest = runs.slice(1);
  const goesOn = (rest[0]?.first ?? last + 1n) > first + 1n;
  const snapshot = { sequence: first, epoch: begin.epoch };
  return { snapshot, last, runs: goesOn ? [{ epoch: begin.epoch, first: first + 1n }, ...rest] : rest };
}

function behind(shard: string, applied: bigint, last: bigint): ReplicaGapError {
  return gap(shard, `the documents reach write ${applied}, the log only ${last}: the folder log/ was deleted or is older`);
}

function gap(shard: string, what: string): ReplicaGapError {
  return new ReplicaGapError(
    `shard ${shard}: ${what}. Restore the whole data directory from one copy, or empty it to let this node start without data.`,
  );
}
