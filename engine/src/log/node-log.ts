import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { DamageRegister } from './damage-register.ts';
import type { Disk } from './disk.ts';
import { LogCorruptionError, type EpochRun, type Log, type LogCheck, type LogEntry, type LogExtent } from './log.ts';
import { LogState } from './log-state.ts';
import { LogWriter, type LogMetrics } from './log-writer.ts';
import { assertReplica, assertWritable, recordFrom, type LogRecord } from './record.ts';
import { recover } from './recovery.ts';
import { saltBytes } from './segment-format.ts';
import { checkSegment } from './segment-check.ts';
import { readEntries } from './segment-reader.ts';
import { Segments } from './segments.ts';
import type { SequenceIndex } from './sequence-index.ts';

const mebibyte = 1024 * 1024;
const maxFirstChange = 2 ** 47;
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
  /** Replicas that may have entries here. Where the log can no longer tell whether they had, they are damaged. */
  readonly formatted?: readonly string[];
  /** Extents of all replicas are written again behind this many bytes. */
  readonly checkpointBytes?: number;
  /** Damage met while the log is open, with the replicas that are damaged from now on. */
  readonly onDamage?: (error: LogCorruptionError) => void;
  readonly metrics?: LogMetrics;
  readonly salt?: () => Uint8Array;
  /** Milliseconds of a monotonic clock, for metrics only. */
  readonly now?: () => number;
}

/**
 * Opens the log in the folder of `disk`, made when empty. Damage other than a torn tail costs the replicas concerned, see `Log.damaged`;
 * throws LogCorruptionError only for files of an unknown format.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const { disk, formatted = [], onDamage = () => {}, salt = () => randomBytes(saltBytes) } = options;
  const segments = new Segments();
  const state = new LogState(segments);
  const recovered = await recover({ disk, segments, state, formatted });
  const logSalt = recovered.salt ?? salt();
  const damages = new DamageRegister(recovered.damaged, (error, replicas) => {
    const noted = replicas.map((replica): LogRecord => ({ kind: 'damaged', replica }));
    writer.note(noted);
    onDamage(error);
  });
  const writer = new LogWriter({
    segmentBytes: 64 * mebibyte,
    maxBatchBytes: 8 * mebibyte,
    maxQueuedBytes: 64 * mebibyte,
    copyForwardBytes: 512 * mebibyte,
    checkpointBytes: 4 * mebibyte,
    onFatal: () => {},
    metrics: undefined,
    now: () => performance.now(),
    ...options,
    salt: logSalt,
    segments,
    state,
    damages,
  });
  await writer.start(recovered.beginAt);
  return new NodeLog({ writer, segments, state, damages, newChange: () => randomInt(maxFirstChange) });
}

interface NodeLogParts {
  readonly writer: LogWriter;
  readonly segments: Segments;
  readonly state: LogState;
  readonly damages: DamageRegister;
  /** Random, so that two lives of a replica do not have numbers in common. */
  readonly newChange: () => number;
}

/** What the next write of a replica must follow. */
interface Tip {
  readonly last: number;
  readonly change: number;
}

class NodeLog implements Log {
  readonly #writer: LogWriter;
  readonly #segments: Segments;
  readonly #state: LogState;
  readonly #damages: DamageRegister;
  readonly #newChange: () => number;
  /** Places of damage that need not be settled again whenever a scrubber comes by. */
  readonly #noted = new Set<string>();
  /** With the writes under way. */
  readonly #tips: Map<string, Tip>;

  constructor({ writer, segments, state, damages, newChange }: NodeLogParts) {
    this.#writer = writer;
    this.#segments = segments;
    this.#state = state;
    this.#damages = damages;
    this.#newChange = newChange;
    this.#tips = new Map(
      state.extents.flatMap(({ replica, last, change, damaged }) => (damaged ? [] : [[replica, { last, change }] as const])),
    );
  }

  get replicas(): readonly string[] {
    return [...new Set([...this.#state.replicas, ...this.#damages.all.keys()])];
  }

  get damaged(): ReadonlyMap<string, LogCorruptionError> {
    return this.#damages.all;
  }

  get files(): readonly { readonly name: string; readonly bytes: number }[] {
    return this.#segments.all.map(({ name, size }) => ({ name, bytes: size }));
  }

  extent(replica: string): LogExtent {
    const index = this.#wholeIndex(replica);
    return { first: BigInt(index?.first ?? 1), last: BigInt(index?.last ?? 0) };
  }

  epochRuns(replica: string): readonly EpochRun[] {
    return this.#wholeIndex(replica)?.epochRuns ?? [];
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    this.#writer.assertOpen();
    const tips = new Map<string, Tip>();
    const records = entries.flatMap((entry): LogRecord[] => {
      assertWritable(entry);
      const { replica } = entry;
      this.#damages.assertWhole(replica);
      const before = tips.get(replica) ?? this.#tips.get(replica);
      const last = Number(entry.sequence);
      assert(before === undefined || last === before.last + 1, `entry ${last} of replica ${replica} cannot follow ${before?.last}`);
      const change = (before?.change ?? this.#newChange()) + 1;
      tips.set(replica, { last, change });
      const begin: LogRecord = { kind: 'begin', replica, sequence: last, change: change - 1 };
      return before === undefined ? [begin, recordFrom(entry, change)] : [recordFrom(entry, change)];
    });
    for (const [replica, tip] of tips) this.#tips.set(replica, tip);
    await this.#writer.write(records);
  }

  async *read(replica: string, from: bigint, to: bigint = maxSequence): AsyncGenerator<LogEntry> {
    this.#damages.assertWhole(replica);
    const index = this.#state.index(replica);
    if (index === undefined || from > BigInt(index.last)) return;
    try {
      yield* readEntries(this.#segments, index, { replica, from: Number(from), to: Number(to) });
    } catch (error) {
      if (error instanceof LogCorruptionError) this.#damages.found(error);
      throw error;
    }
  }

  async check(file: string, offset: number): Promise<LogCheck | undefined> {
    const segment = this.#segments.all.find(({ name }) => name === file);
    if (segment === undefined) return undefined;
    const found = await checkSegment(segment, offset, this.#state);
    if (found.damage !== undefined) await this.#takeNoteOf(found.damage);
    return found;
  }

  async #takeNoteOf(damage: LogCorruptionError): Promise<void> {
    this.#damages.found(damage);
    const place = `${damage.file} ${damage.offset}`;
    if (this.#noted.has(place)) return;
    await this.#writer.settle();
    this.#noted.add(place);
  }

  async truncateFrom(replica: string, sequence: bigint): Promise<void> {
    this.#writer.assertOpen();
    assertReplica(replica);
    const from = Number(sequence);
    assert(Number.isSafeInteger(from) && from >= (this.#state.index(replica)?.first ?? 1), 'released entries cannot be truncated');
    this.#damages.assertWhole(replica);
    const tip = this.#tips.get(replica);
    const records: LogRecord[] = [];
    if (tip !== undefined && from <= tip.last) {
      const change = tip.change + 1;
      this.#tips.set(replica, { last: from - 1, change });
      records.push({ kind: 'truncate', replica, sequence: from, change });
    }
    await this.#writer.write(records);
  }

  async drop(replica: string): Promise<void> {
    this.#writer.assertOpen();
    assertReplica(replica);
    const known = this.#tips.delete(replica) || this.#damages.all.has(replica);
    await this.#writer.write(known ? [{ kind: 'drop', replica }] : []);
    this.#damages.forget(replica);
  }

  releaseUpTo(replica: string, sequence: bigint): void {
    const index = this.#wholeIndex(replica);
    if (index === undefined || sequence < BigInt(index.first)) return;
    assert(sequence <= BigInt(index.last), 'only entries that are on the disk can be released');
    this.#writer.release(replica, Number(sequence));
  }

  #wholeIndex(replica: string): SequenceIndex | undefined {
    return this.#damages.all.has(replica) ? undefined : this.#state.index(replica);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
  }
}
