/**
 * Entries of one replica's log: those of late in memory, all others read from the disk. What is not durable yet is always in memory; the
 * rest is kept as long as the node's budget allows, since followers and the applier want it a moment later.
 */
import assert from 'node:assert/strict';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import type { EntryBody } from '../peer/link/link-message.ts';
import type { Position } from '../replication/log-shape.ts';
import type { ResolvedOperation } from '../shard/resolved-operation.ts';
import type { EntryMemory } from './entry-memory.ts';

/** What an entry takes beside its operation: objects, numbers and names around it, more than most operations on a single point. */
const entryBytes = 1024;

export interface Body extends EntryBody {
  /** The same operation decoded, where it is at hand. */
  readonly resolved?: ResolvedOperation;
}

export interface Entry extends Body, Position {}

export class EntryStore {
  readonly #log: Log;
  readonly #replica: string;
  readonly #memory: EntryMemory;
  readonly #recent = new Map<bigint, Entry>();

  constructor(log: Log, replica: string, memory: EntryMemory) {
    this.#log = log;
    this.#replica = replica;
    this.#memory = memory;
  }

  /** They may be read from now on; `append` follows. */
  remember(entries: readonly Entry[]): void {
    for (const entry of entries) this.#recent.set(entry.sequence, entry);
  }

  /** Entries from `from` on may not be read any more; `truncateFrom` follows. */
  forgetFrom(from: bigint): void {
    for (const sequence of this.#recent.keys()) if (sequence >= from) this.#recent.delete(sequence);
  }

  /** Resolves when they are durable. */
  async append(entries: readonly Entry[]): Promise<void> {
    const replica = this.#replica;
    await this.#log.append(
      entries.map(({ epoch, sequence, requestId, operation }) => ({ replica, epoch, sequence, requestId, operation })),
    );
    for (const entry of entries) this.#memory.keep(entry.operation.byteLength + entryBytes, () => this.#forget(entry));
  }

  async truncateFrom(from: bigint): Promise<void> {
    await this.#log.truncateFrom(this.#replica, from);
  }

  /** `first` to `last`, at most `bytesMax` of operations but one at least. Fewer when they are not there any more. */
  async read(first: bigint, last: bigint, bytesMax: number): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    let bytes = 0;
    const add = (entry: Entry): boolean => {
      if (entries.length > 0 && bytes + entry.operation.byteLength > bytesMax) return false;
      entries.push(entry);
      bytes += entry.operation.byteLength;
      return true;
    };
    for (let next = first; next <= last; next = first + BigInt(entries.length)) {
      const recent = this.#recent.get(next);
      if (recent === undefined) {
        const end = this.#lastMissing(next, last);
        for await (const entry of this.#log.read(this.#replica, next, end)) if (!add(entry)) return entries;
        if (first + BigInt(entries.length) <= end) return entries;
      } else if (!add(recent)) return entries;
    }
    return entries;
  }

  clear(): void {
    this.#recent.clear();
  }

  #lastMissing(from: bigint, last: bigint): bigint {
    let end = from;
    while (end < last && !this.#recent.has(end + 1n)) end += 1n;
    return end;
  }

  #forget(entry: Entry): void {
    if (this.#recent.get(entry.sequence) === entry) this.#recent.delete(entry.sequence);
  }
}

/** Entries with their bodies; as many of one as of the other. */
export function entriesOf(positions: readonly Position[], bodies: readonly Body[]): readonly Entry[] {
  assert(bodies.length >= positions.length, 'every entry has a body');
  const offset = bodies.length - positions.length;
  return positions.map((position, index) => {
    const body = bodies[offset + index];
    assert(body);
    return { ...position, ...body };
  });
}
