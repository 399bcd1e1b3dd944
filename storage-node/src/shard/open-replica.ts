/** Recovery: documents as they are, then the log from there on. Afterwards the replica reflects everything that is durable. */
import type { Log, LogEntry } from '@vectorcluster/engine/log/log.ts';
import { LocalReplica, type LocalReplicaOptions } from './local-replica.ts';
import { decodeOperation } from './operation-codec.ts';
import type { ReplicaPoints } from './point-cache.ts';
import { ReplicaState } from './replica-state.ts';
import type { CreateSegment } from './segmented-vectors.ts';

export interface OpenReplicaOptions extends Omit<LocalReplicaOptions, 'state'> {
  readonly cache: ReplicaPoints;
  readonly createSegment: CreateSegment;
}

const replayBatch = 64;

export async function openReplica(options: OpenReplicaOptions): Promise<LocalReplica> {
  const state = new ReplicaState(options);
  try {
    await state.load();
    await replay(options.replicaId, options.log, state);
  } catch (error) {
    state[Symbol.dispose]();
    throw error;
  }
  return new LocalReplica({ ...options, state });
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
