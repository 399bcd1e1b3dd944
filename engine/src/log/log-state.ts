import type { EntryRecord, LogRecord, ReplicaExtent } from './record.ts';
import type { Segments } from './segments.ts';
import { SequenceIndex, type Location } from './sequence-index.ts';

type Placed = Pick<EntryRecord, 'replica' | 'sequence' | 'epoch'>;

/**
 * What the log holds: the sum of all records up to a point. The writer applies each record after its sync, replay applies the same
 * records in the same order; so both come to the same state.
 */
export class LogState {
  readonly #replicas = new Map<string, SequenceIndex>();
  readonly #segments: Segments;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  get replicas(): readonly string[] {
    return [...this.#replicas.keys()];
  }

  get extents(): readonly ReplicaExtent[] {
    return [...this.#replicas].map(([replica, index]) => ({ replica, first: index.first, last: index.last }));
  }

  index(replica: string): SequenceIndex | undefined {
    return this.#replicas.get(replica);
  }

  /** Returns why the record cannot follow the ones before it, or undefined. */
  apply(record: LogRecord, location: Location): string | undefined {
    switch (record.kind) {
      case 'entry':
        return this.#append(record, location);
      case 'copied':
        return this.#relocate(record, location);
      case 'truncate':
        this.#forget(record.replica, record.sequence, Infinity);
        this.#replicas.get(record.replica)?.truncateFrom(record.sequence);
        return undefined;
      case 'drop':
        this.#forget(record.replica, 0, Infinity);
        this.#replicas.delete(record.replica);
        return undefined;
      case 'release':
        this.release(record.replica, record.upTo);
        return undefined;
      case 'extents':
        return this.#checkExtents(record.extents);
    }
  }

  release(replica: string, upTo: number): void {
    this.#forget(replica, 0, upTo);
    this.#replicas.get(replica)?.releaseUpTo(upTo);
  }

  /** Takes over what the oldest segment says was there before it; the places follow from records, or the log is damaged. */
  begin(extents: readonly ReplicaExtent[]): void {
    for (const { replica, first, last } of extents) this.#replicas.set(replica, new SequenceIndex(first, last));
  }

  /** An entry that should be there and of which no record was found. */
  findMissing(): { readonly replica: string; readonly sequence: number } | undefined {
    for (const [replica, index] of this.#replicas) {
      for (let sequence = index.first; sequence <= index.last; sequence += 1) {
        if (index.at(sequence).segment === 0) return { replica, sequence };
      }
    }
    return undefined;
  }

  #append({ replica, sequence, epoch }: Placed, location: Location): string | undefined {
    const index = this.#replicas.get(replica) ?? new SequenceIndex(sequence, sequence - 1);
    if (sequence !== index.last + 1) return `entry ${sequence} of replica ${replica} follows ${index.last}`;
    this.#replicas.set(replica, index);
    index.push(location, epoch);
    this.#segments.gain(location);
    return undefined;
  }

  #relocate({ replica, sequence, epoch }: Placed, location: Location): string | undefined {
    const index = this.#replicas.get(replica);
    if (index === undefined || sequence > index.last) return `entry ${sequence} of replica ${replica} was copied and never written`;
    if (sequence < index.first) return undefined;
    this.#segments.lose(index.at(sequence));
    index.set(sequence, location, epoch);
    this.#segments.gain(location);
    return undefined;
  }

  #forget(replica: string, from: number, to: number): void {
    const index = this.#replicas.get(replica);
    if (index === undefined) return;
    const last = Math.min(to, index.last);
    for (let sequence = Math.max(from, index.first); sequence <= last; sequence += 1) this.#segments.lose(index.at(sequence));
  }

  #checkExtents(extents: readonly ReplicaExtent[]): string | undefined {
    if (extents.length !== this.#replicas.size)
      return `the segment begins with ${extents.length} replicas, ${this.#replicas.size} were written`;
    for (const { replica, first, last } of extents) {
      this.release(replica, first - 1);
      const found = this.#replicas.get(replica);
      if (found?.last !== last || found.first !== first) return `replica ${replica} does not hold the entries that the segment begins with`;
    }
    return undefined;
  }
}
