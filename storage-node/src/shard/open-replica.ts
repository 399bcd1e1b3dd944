/** Recovery: documents as they are, then the log from there on. Afterwards the replica reflects everything that is durable. */
import type { Log, LogEntry } from '@vectorcluster/engine/log/log.ts';
import { LocalReplica, type LocalReplicaOptions } from './local-replica.ts';
import { decodeOperation } from './operation-codec.ts';
import { ReplicaState, type ReplicaStateOptions } from './replica-state.ts';

export type OpenReplicaOptions = Omit<LocalReplicaOptions, 'state'> & ReplicaStateOptions;

/** Log and documents do not fit together: one of them was deleted or taken from a copy of another time. */
export class ReplicaGapError extends Error {
  override readonly name = 'ReplicaGapError';
}

const replayBatch = 64;

/** Throws ReplicaGapError, and LogCorruptionError at damage in the log. */
export async function openReplica(options: OpenReplicaOptions): Promise<LocalReplica> {
  const state = await ReplicaState.load(options);
  try {
    assertFits(options, state.appliedSequence);
    await replay(options.replicaId, options.log, state);
  } catch (error) {
    await state.close({ save: false });
    throw error;
  }
  return new LocalReplica({ ...options, state });
}

function assertFits({ shard, replicaId, log }: OpenReplicaOptions, applied: bigint): void {
  const { first, last } = log.extent(replicaId);
  if (last < applied)
    throw gap(shard, `the documents reach write ${applied}, the log only ${last}: the folder log/ was deleted or is older`);
  if (first > applied + 1n)
    throw gap(shard, `the documents reach write ${applied}, the log begins at ${first}: the folder documents/ was deleted or is older`);
}

function gap(shard: string, what: string): ReplicaGapError {
  return new ReplicaGapError(
    `shard ${shard}: ${what}. Restore the whole data directory from one copy, or empty it to let this node start without data.`,
  );
}

async function replay(replicaId: string, log: Log, state: ReplicaState): Promise<void> {
  if (log.extent(replicaId).last <= state.appliedSequence) return;
  let batch: LogEntry[] = [];
  for await (const entry of log.read(replicaId, state.appliedSequence + 1n)) {
    // Entries of one apply share an epoch, which their answers name.
    if (batch.length >= replayBatch || (batch[0] && batch[0].epoch !== entry.epoch)) {
      await applyEntries(batch, state);
      batch = [];
    }
    batch.push(entry);
  }
  await applyEntries(batch, state);
}

async function applyEntries(entries: readonly LogEntry[], state: ReplicaState): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const operations = entries.map(({ sequence, requestId, operation }) => ({ sequence, requestId, operation: decodeOperation(operation) }));
  await state.apply(operations, first.epoch);
}
