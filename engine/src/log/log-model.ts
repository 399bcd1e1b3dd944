import type { LogEntry } from './log.ts';

/** What a test does to a log, with everything it needs to be replayed on the model. */
export type LogOperation =
  | { readonly kind: 'append'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'truncate'; readonly replica: string; readonly sequence: bigint }
  | { readonly kind: 'drop'; readonly replica: string };

/** One life of a replica id between drops. */
export interface ModelReplica {
  readonly born: number;
  last: bigint;
  readonly operations: Map<bigint, string>;
}

/** The state after the first `count` operations: what an honest log holds when exactly these took effect. */
export function modelAfter(operations: readonly LogOperation[], count: number): Map<string, ModelReplica> {
  const replicas = new Map<string, ModelReplica>();
  for (const [at, operation] of operations.slice(0, count).entries()) {
    switch (operation.kind) {
      case 'append':
        for (const entry of operation.entries) {
          const replica = replicas.get(entry.replica) ?? { born: at, last: 0n, operations: new Map() };
          replicas.set(entry.replica, replica);
          replica.operations.set(entry.sequence, describeEntry(entry));
          replica.last = entry.sequence;
        }
        break;
      case 'truncate': {
        const replica = replicas.get(operation.replica);
        if (replica === undefined) break;
        for (let sequence = operation.sequence; sequence <= replica.last; sequence += 1n) replica.operations.delete(sequence);
        if (operation.sequence <= replica.last) replica.last = operation.sequence - 1n;
        break;
      }
      case 'drop':
        replicas.delete(operation.replica);
        break;
    }
  }
  return replicas;
}

export function describeEntry({ epoch, requestId, operation }: LogEntry): string {
  return `${epoch} ${requestId} ${operation.byteLength} ${Buffer.from(operation.subarray(0, 16)).toString('hex')}`;
}
