/** Everything that becomes durable in a log is told to whoever checks what was promised. */
import type { Log, LogEntry } from '@vectorcluster/engine/log/log.ts';
import type { Position } from '@vectorcluster/storage-node/replication/log-shape.ts';

export interface LogWitness {
  /** About to be written: what it holds can be known from now on. */
  appending(entries: readonly LogEntry[]): void;
  durable(entries: readonly LogEntry[]): void;
  truncated(replica: string, from: bigint): void;
  /** Emptied, or dropped. */
  forget(replica: string): void;
  installed(replica: string, position: Position): void;
  /** By a process that has just opened the log. `installed`: where the snapshot ends that the replica began with; who installed it may have ended before it told. */
  found(replica: string, log: Pick<Log, 'extent' | 'epochRuns' | 'damaged'>, installed: bigint): void;
}

export function witnessed(log: Log, witness: LogWitness): Log {
  return {
    append: async (entries) => {
      witness.appending(entries);
      await log.append(entries);
      witness.durable(entries);
    },
    truncateFrom: async (replica, sequence) => {
      witness.truncated(replica, sequence);
      await log.truncateFrom(replica, sequence);
    },
    drop: async (replica) => {
      witness.forget(replica);
      await log.drop(replica);
    },
    read: (replica, from, to) => log.read(replica, from, to),
    extent: (replica) => log.extent(replica),
    epochRuns: (replica) => log.epochRuns(replica),
    releaseUpTo: (replica, sequence) => log.releaseUpTo(replica, sequence),
    get replicas() {
      return log.replicas;
    },
    get damaged() {
      return log.damaged;
    },
    get files() {
      return log.files;
    },
    check: (file, offset) => log.check(file, offset),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
