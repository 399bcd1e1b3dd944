import assert from 'node:assert/strict';
import { CopyForward } from './copy-forward.ts';
import type { DamageRegister } from './damage-register.ts';
import type { Disk } from './disk.ts';
import type { LogState } from './log-state.ts';
import { recordBytes, type LogRecord } from './record.ts';
import { unusedPrefix } from './retention.ts';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  frameHeaderBytes,
  segmentHeaderBytes,
  segmentName,
  writeFrameHeader,
} from './segment-format.ts';
import { closeUnlessRead } from './segment-reader.ts';
import { segmentOf, type Segment, type Segments } from './segments.ts';
import { encode, WriteQueue } from './write-queue.ts';

/** One call per event; the caller counts. */
export interface LogMetrics {
  batchSynced(batch: { readonly writes: number; readonly bytes: number; readonly durationMs: number }): void;
  segmentMade(): void;
  segmentRemoved(): void;
  entriesCopied(batch: { readonly entries: number; readonly bytes: number }): void;
}

export interface LogWriterOptions {
  readonly disk: Disk;
  readonly segments: Segments;
  readonly state: LogState;
  readonly segmentBytes: number;
  readonly maxBatchBytes: number;
  readonly maxQueuedBytes: number;
  readonly copyForwardBytes: number;
  readonly onFatal: (error: Error) => void;
  /** Extents are written again behind this many bytes, so that damage before them is told to the replica. */
  readonly checkpointBytes: number;
  readonly damages: DamageRegister;
  readonly metrics: LogMetrics | undefined;
  readonly salt: Uint8Array;
  readonly now: () => number;
}

/** The log has stopped for good: `cause` is the write or sync that failed. */
export class LogFailedError extends Error {
  override readonly name = 'LogFailedError';
}

/** Extents take at most one byte in this many. */
const checkpointCostRatio = 32;
/** Offsets are 32-bit numbers. */
const maxSegmentBytes = 2 ** 31;

/**
 * The only writer: one loop, one frame at a time. What is queued while a frame is written and synced goes into the next frame together;
 * a record takes effect after its sync and before its caller is told.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #queue: WriteQueue;
  readonly #copyForward: CopyForward;
  /** Replicas released further than the log says. */
  readonly #released = new Set<string>();
  #wake = Promise.withResolvers<void>();
  #maintenanceDue = true;
  #closing = false;
  #failure: LogFailedError | undefined;
  #running: Promise<void> = Promise.resolve();
  #bytesSinceExtents = 0;
  #mustSettle = false;

  constructor(options: LogWriterOptions) {
    assert(options.segmentBytes <= maxSegmentBytes, 'a segment has at most 2 GiB');
    this.#options = options;
    this.#queue = new WriteQueue(options.maxQueuedBytes);
    this.#copyForward = new CopyForward(options);
  }

  /** With `beginAt` in a new segment of that number. */
  async start(beginAt: number | undefined): Promise<void> {
    if (beginAt !== undefined) await this.#beginSegment(beginAt);
    else this.#bytesSinceExtents = this.#options.segments.newest?.size ?? 0;
    this.#running = this.#run();
  }

  assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing) throw new LogFailedError('the log is closed');
  }

  /** Resolves when the records, and all before them, are on the disk and in effect. */
  write(records: readonly LogRecord[]): Promise<void> {
    const done = this.#queue.add(records);
    this.#wake.resolve();
    return done;
  }

  /**
   * Resolves when the disk says what there is behind all that it holds: a new segment begins. Where bytes are damaged that nobody needs,
   * whoever replays them later cannot know that, and would take what was in them for lost.
   */
  async settle(): Promise<void> {
    if (this.#failure !== undefined || this.#closing) return;
    this.#mustSettle = true;
    await this.write([]);
  }

  /** Writes what nobody waits for; a log that has failed or is closed says so elsewhere. */
  note(records: readonly LogRecord[]): void {
    if (this.#failure === undefined && !this.#closing) this.write(records).catch(() => {});
  }

  release(replica: string, upTo: number): void {
    this.#options.state.release(replica, upTo);
    this.#released.add(replica);
    this.#maintenanceDue = true;
    this.#wake.resolve();
  }

  /** Waits for the writes that are queued. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#wake.resolve();
    await this.#running;
    for (const { file } of this.#options.segments.all) await file[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#closing || this.#queue.length > 0) {
        if (this.#queue.length === 0 && !this.#maintenanceDue) {
          await this.#wake.promise;
          this.#wake = Promise.withResolvers();
          continue;
        }
        if (this.#queue.length > 0) await this.#commit();
        this.#maintenanceDue = await this.#maintain();
      }
      if (this.#bytesSinceExtents > 0) await this.#writeFrame([], 0, []);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async #commit(): Promise<void> {
    const { writes, payload, bytes } = this.#queue.take(this.#options.maxBatchBytes);
    const began = this.#options.now();
    try {
      if (this.#mustSettle) await this.#beginSegment((this.#options.segments.newest?.number ?? 0) + 1);
      if (bytes > 0)
        await this.#writeFrame(
          payload,
          bytes,
          writes.flatMap(({ records }) => records),
        );
    } catch (cause) {
      const failure = this.#fail(cause);
      for (const { reject } of writes) reject(failure);
      throw cause;
    }
    for (const { resolve } of writes) resolve();
    this.#options.metrics?.batchSynced({ writes: writes.length, bytes, durationMs: this.#options.now() - began });
  }

  async #writeFrame(payload: readonly Buffer[], payloadBytes: number, records: readonly LogRecord[]): Promise<void> {
    const extents = this.#extentsDue(payloadBytes);
    if (extents.length > 0) this.#bytesSinceExtents = 0;
    const all = [...extents, ...records];
    const bytes = payloadBytes + extents.reduce((sum, record) => sum + recordBytes(record), 0);
    const segment = await this.#segmentFor(frameHeaderBytes + bytes);
    const header = Buffer.allocUnsafe(frameHeaderBytes);
    writeFrameHeader(header, 0, { payloadBytes: bytes, number: segment.nextFrame, seed: segment.seed });
    await segment.file.append([header, encode(extents, bytes - payloadBytes), ...payload]);
    await segment.file.sync();
    let offset = segment.size + frameHeaderBytes;
    segment.size = offset + bytes;
    segment.nextFrame += 1;
    this.#bytesSinceExtents += payloadBytes;
    for (const record of all) {
      const length = recordBytes(record);
      const wrong = this.#options.state.apply(record, { segment: segment.number, offset, length });
      assert(wrong === undefined, wrong);
      offset += length;
    }
  }

  /** Extents at the end of a log that is closed, and now and then: often enough to matter and seldom enough to cost little. */
  #extentsDue(payloadBytes: number): readonly LogRecord[] {
    const { checkpointBytes, state } = this.#options;
    if (payloadBytes > 0 && this.#bytesSinceExtents < checkpointBytes) return [];
    const extents: LogRecord = { kind: 'extents', extents: state.extents };
    const worthIt = payloadBytes === 0 || this.#bytesSinceExtents >= recordBytes(extents) * checkpointCostRatio;
    return worthIt ? [extents] : [];
  }

  async #segmentFor(frameBytes: number): Promise<Segment> {
    const { newest } = this.#options.segments;
    assert(newest !== undefined && frameBytes < maxSegmentBytes, 'a write has at most 2 GiB');
    const holdsOnlyExtents = newest.nextFrame === 1;
    const fits = newest.size + frameBytes <= (holdsOnlyExtents ? maxSegmentBytes : this.#options.segmentBytes);
    return fits ? newest : this.#beginSegment(newest.number + 1);
  }

  /** The new file and its name are durable before anything relies on them. */
  async #beginSegment(number: number): Promise<Segment> {
    const { disk, segments, state, metrics } = this.#options;
    const header = encodeSegmentHeader(number, this.#options.salt);
    const decoded = decodeSegmentHeader(header);
    assert(typeof decoded !== 'string');
    const extents: LogRecord = { kind: 'extents', extents: state.extents };
    const payload = encode([extents], recordBytes(extents));
    const frameHeader = Buffer.alloc(frameHeaderBytes);
    writeFrameHeader(frameHeader, 0, { payloadBytes: payload.length, number: 0, seed: decoded.seed });
    this.#released.clear();
    const file = await disk.open(segmentName(number));
    await file.append([header, frameHeader, payload]);
    await file.sync();
    await disk.syncFolder();
    const size = segmentHeaderBytes + frameHeaderBytes + payload.length;
    const segment = segmentOf({ number, file, seed: decoded.seed, nextFrame: 1, size });
    segments.add(segment);
    this.#bytesSinceExtents = 0;
    this.#mustSettle = false;
    metrics?.segmentMade();
    return segment;
  }

  /** One step; true when there may be more to do. */
  async #maintain(): Promise<boolean> {
    const full = this.#options.segments.all.slice(0, -1);
    const unused = full.slice(0, unusedPrefix(full));
    if (unused.length > 0) {
      await this.#remove(unused);
      return true;
    }
    const copies = await this.#copyForward.next(full);
    if (copies.length === 0) return false;
    const bytes = copies.reduce((sum, record) => sum + recordBytes(record), 0);
    await this.#writeFrame([encode(copies, bytes)], bytes, copies);
    this.#options.metrics?.entriesCopied({ entries: copies.length, bytes });
    return true;
  }

  /** What was released must be known on the disk before its files go: replay takes a missing entry for damage. */
  async #remove(unused: readonly Segment[]): Promise<void> {
    const { disk, segments, state, metrics } = this.#options;
    const releases = [...this.#released].flatMap((replica): LogRecord[] => {
      const index = state.index(replica);
      return index === undefined ? [] : [{ kind: 'release', replica, upTo: index.first - 1 }];
    });
    this.#released.clear();
    const bytes = releases.reduce((sum, record) => sum + recordBytes(record), 0);
    if (bytes > 0) await this.#writeFrame([encode(releases, bytes)], bytes, releases);
    for (const segment of unused) {
      segments.delete(segment);
      await disk.remove(segment.name);
      await disk.syncFolder();
      await closeUnlessRead(segment);
      metrics?.segmentRemoved();
    }
  }

  #fail(cause: unknown): LogFailedError {
    if (this.#failure !== undefined) return this.#failure;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new LogFailedError(`the log has failed and must not be used: ${reason}`, { cause });
    this.#queue.rejectAll(this.#failure);
    this.#options.onFatal(this.#failure);
    return this.#failure;
  }
}
