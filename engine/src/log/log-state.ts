import type { EntryRecord, LogRecord, ReplicaExtent } from './record.ts';
import type { Segments } from './segments.ts';
import { SequenceIndex, type Location } from './sequence-index.ts';

interface ReplicaLog {
  readonly index: SequenceIndex;
  change: number;
}

/**
 * What the log holds: the sum of all records up to a point. The writer applies each record after its sync, replay applies the same
 * records in the same order; so both come to the same state.
 */
export class LogState {
  readonly #replicas = new Map<string, ReplicaLog>();
  readonly #damaged = new Set<string>();
  readonly #segments: Segments;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  /** Those that are not damaged. */
  get replicas(): readonly string[] {
    return [...this.#replicas.keys()];
  }

  get extents(): readonly ReplicaExtent[] {
    const held = Array.from(this.#replicas, ([replica, { index, change }]) => {
      return { replica, first: index.first, last: index.last, change, damaged: false };
    });
    return [...held, ...Array.from(this.#damaged, (replica) => ({ replica, first: 0, last: 0, change: 0, damaged: true }))];
  }

  index(replica: string): SequenceIndex | undefined {
    return this.#replicas.get(replica)?.index;
  }

  change(replica: string): number | undefined {
    return this.#replicas.get(replica)?.change;
  }

  /** Returns why the record cannot follow the ones before it, or undefined. Extents change nothing here. */
  apply(record: LogRecord, location: Location): string | undefined {
    switch (record.kind) {
      case 'entry':
        return this.#append(record, location);
      case 'copied':
        return this.#relocate(record, location);
      case 'begin':
        this.reset(record.replica, { next: record.sequence, change: record.change });
        return undefined;
      case 'truncate':
        return this.#truncate(record.replica, record.sequence, record.change);
      case 'drop':
        this.forget(record.replica);
        return undefined;
      case 'damaged':
        this.markDamaged(record.replica);
        return undefined;
      case 'release':
        this.release(record.replica, record.upTo);
        return undefined;
      case 'extents':
        return undefined;
    }
  }

  release(replica: string, upTo: number): void {
    this.#lose(replica, 0, upTo);
    this.#replicas.get(replica)?.index.releaseUpTo(upTo);
  }

  /** Knows of a replica only what its extent is; places follow from copies, or entries are missing. */
  begin({ replica, first, last, change, damaged }: ReplicaExtent): void {
    if (damaged) this.#damaged.add(replica);
    else this.#replicas.set(replica, { index: new SequenceIndex(first, last), change });
  }

  /** From here on the replica holds nothing, and goes on with entry `next`. */
  reset(replica: string, { next, change }: { readonly next: number; readonly change: number }): void {
    this.forget(replica);
    this.#replicas.set(replica, { index: new SequenceIndex(next, next - 1), change });
  }

  forget(replica: string): void {
    this.#lose(replica, 0, Infinity);
    this.#replicas.delete(replica);
    this.#damaged.delete(replica);
  }

  markDamaged(replica: string): void {
    this.forget(replica);
    this.#damaged.add(replica);
  }

  #append({ replica, sequence, epoch, change }: EntryRecord, location: Location): string | undefined {
    const held = this.#replicas.get(replica);
    if (held === undefined) return `entry ${sequence} of replica ${replica}, which has not begun`;
    const { index } = held;
    if (sequence !== index.last + 1) return `entry ${sequence} of replica ${replica} follows ${index.last}`;
    if (change !== held.change + 1) return `of replica ${replica} something was written before entry ${sequence}`;
    held.change = change;
    index.push(location, epoch);
    this.#segments.gain(location);
    return undefined;
  }

  #relocate({ replica, sequence, epoch }: Omit<EntryRecord, 'kind'>, location: Location): string | undefined {
    const index = this.index(replica);
    if (index === undefined || sequence > index.last) return `entry ${sequence} of replica ${replica} was copied and never written`;
    if (sequence < index.first) return undefined;
    this.#segments.lose(index.at(sequence));
    index.set(sequence, location, epoch);
    this.#segments.gain(location);
    return undefined;
  }

  #truncate(replica: string, sequence: number, change: number): string | undefined {
    const held = this.#replicas.get(replica);
    if (held === undefined || change !== held.change + 1) return `of replica ${replica} something was written before its truncation`;
    held.change = change;
    this.#lose(replica, sequence, Infinity);
    held.index.truncateFrom(sequence);
    return undefined;
  }

  #lose(replica: string, from: number, to: number): void {
    const index = this.index(replica);
    if (index === undefined) return;
    const last = Math.min(to, index.last);
    for (let sequence = Math.max(from, index.first); sequence <= last; sequence += 1) this.#segments.lose(index.at(sequence));
  }
}
