import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Disk } from './disk.ts';
import type { EpochRun, Log, LogEntry, LogExtent } from './log.ts';
import { LogState } from './log-state.ts';
import { LogWriter, type LogMetrics } from './log-writer.ts';
import { assertReplica, assertWritable, recordFrom, type LogRecord } from './record.ts';
import { recover } from './recovery.ts';
import { saltBytes } from './segment-format.ts';
import { readEntries } from './segment-reader.ts';
import { Segments } from './segments.ts';

const mebibyte = 1024 * 1024;
const maxSequence = BigInt(Number.MAX_SAFE_INTEGER);

export interface LogOptions {
  readonly disk: Disk;
  /** A segment is full at this size; one write larger than this makes a larger segment. */
  readonly segmentBytes?: number;
  /** One write and sync covers at most this much, or a single larger append. */
  readonly maxBatchBytes?: number;
  /** Appends beyond this wait unencoded, so their callers are slowed. */
  readonly maxQueuedBytes?: number;
  /** Live entries of slow replicas are copied to the end of the log when more than this is held back by them. */
  readonly copyForwardBytes?: number;
  /** Called once, when an append or a sync has failed: the process must end, since what a failed sync left behind is unknown. */
  readonly onFatal?: (error: Error) => void;
  /** Damage met while copying forward; nothing is copied from then on. */
  readonly onDamage?: (error: Error) => void;
  readonly metrics?: LogMetrics;
  readonly salt?: () => Uint8Array;
  /** Milliseconds of a monotonic clock, for metrics only. */
  readonly now?: () => number;
}

/** Opens the log in the folder of `disk`, made when empty. Throws LogCorruptionError at damage other than a torn tail. */
export async function openLog(options: LogOptions): Promise<Log> {
  const segments = new Segments();
  const state = new LogState(segments);
  await recover(options.disk, segments, state);
  const writer = new LogWriter({
    segmentBytes: 64 * mebibyte,
    maxBatchBytes: 8 * mebibyte,
    maxQueuedBytes: 64 * mebibyte,
    copyForwardBytes: 512 * mebibyte,
    onFatal: () => {},
    onDamage: () => {},
    metrics: undefined,
    salt: () => randomBytes(saltBytes),
    now: () => performance.now(),
    ...options,
    segments,
    state,
  });
  await writer.start();
  return new NodeLog(writer, segments, state);
}

class NodeLog implements Log {
  readonly #writer: LogWriter;
  readonly #segments: Segments;
  readonly #state: LogState;
  /** Last sequence of each replica with the writes under way; what the next append must follow. */
  readonly #lastQueued: Map<string, number>;

  constructor(writer: LogWriter, segments: Segments, state: LogState) {
    this.#writer = writer;
    this.#segments = segments;
    this.#state = state;
    this.#lastQueued = new Map(state.extents.map(({ replica, last }) => [replica, last]));
  }

  get replicas(): readonly string[] {
    return this.#state.replicas;
  }

  extent(replica: string): LogExtent {
    const index = this.#state.index(replica);
    return { first: BigInt(index?.first ?? 1), last: BigInt(index?.last ?? 0) };
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    this.#writer.assertOpen();
    const last = new Map<string, number>();
    for (const entry of entries) {
      assertWritable(entry);
      const before = last.get(entry.replica) ?? this.#lastQueued.get(entry.replica);
      const sequence = Number(entry.sequence);
      assert(before === undefined || sequence === before + 1, `entry ${sequence} of replica ${entry.replica} cannot follow ${before}`);
      last.set(entry.replica, sequence);
    }
    for (const [replica, sequence] of last) this.#lastQueued.set(replica, sequence);
    await this.#writer.write(entries.map(recordFrom));
  }

  epochRuns(replica: string): readonly EpochRun[] {
    return this.#state.index(replica)?.epochRuns ?? [];
  }

  async *read(replica: string, from: bigint, to: bigint = maxSequence): AsyncGenerator<LogEntry> {
    const index = this.#state.index(replica);
    if (index === undefined || from > BigInt(index.last)) return;
    yield* readEntries(this.#segments, index, { replica, from: Number(from), to: Number(to) });
  }

  async truncateFrom(replica: string, sequence: bigint): Promise<void> {
    this.#writer.assertOpen();
    assertReplica(replica);
    const from = Number(sequence);
    assert(Number.isSafeInteger(from) && from >= (this.#state.index(replica)?.first ?? 1), 'released entries cannot be truncated');
    const last = this.#lastQueued.get(replica);
    const records: LogRecord[] = [];
    if (last !== undefined && from <= last) {
      this.#lastQueued.set(replica, from - 1);
      records.push({ kind: 'truncate', replica, sequence: from });
    }
    await this.#writer.write(records);
  }

  async drop(replica: string): Promise<void> {
    this.#writer.assertOpen();
    assertReplica(replica);
    const known = this.#lastQueued.delete(replica);
    await this.#writer.write(known ? [{ kind: 'drop', replica }] : []);
  }

  releaseUpTo(replica: string, sequence: bigint): void {
    const index = this.#state.index(replica);
    if (index === undefined || sequence < BigInt(index.first)) return;
    assert(sequence <= BigInt(index.last), 'only entries that are on the disk can be released');
    this.#writer.release(replica, Number(sequence));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
  }
}
