import { LogCorruptionError, type LogEntry } from './log.ts';
import { readRecord, type EntryRecord } from './record.ts';
import type { Segment, Segments } from './segments.ts';
import type { Location, SequenceIndex } from './sequence-index.ts';

const readAheadBytes = 256 * 1024;

/** The log no longer has the entries asked for: they were released, and a reader this far behind needs a snapshot. */
export class EntriesReleasedError extends Error {
  override readonly name = 'EntriesReleasedError';
  readonly replica: string;
  readonly from: bigint;
  constructor(replica: string, from: bigint) {
    super(`the log has released entry ${from} of replica ${replica}`);
    this.replica = replica;
    this.from = from;
  }
}

/** Reads all that `index` names, in order, each record verified against its checksum and against what the index says it is. */
export async function* readEntries(segments: Segments, replica: string, index: SequenceIndex): AsyncGenerator<LogEntry> {
  let held: { readonly segment: Segment; readonly at: number; readonly bytes: Buffer } | undefined;
  const pinned = pinSegments(segments, replica, index);
  try {
    for (let sequence = index.first; sequence <= index.last; sequence += 1) {
      const location = index.at(sequence);
      const segment = pinned.get(location.segment);
      if (segment === undefined) throw new EntriesReleasedError(replica, BigInt(sequence));
      if (held === undefined || held.segment !== segment || !holds(held.at, held.bytes, location)) {
        const length = Math.min(Math.max(location.length, readAheadBytes), segment.size - location.offset);
        held = { segment, at: location.offset, bytes: await segment.file.read(location.offset, length) };
      }
      const record = readVerified({ segment, location, replica, sequence }, held.bytes, location.offset - held.at);
      const { epoch, requestId, operation } = record;
      yield { replica, epoch, sequence: BigInt(sequence), requestId, operation };
    }
  } finally {
    for (const segment of pinned.values()) await unpin(segment);
  }
}

export async function closeUnlessRead(segment: Segment): Promise<void> {
  if (segment.removed && segment.readers === 0) await segment.file[Symbol.asyncDispose]();
}

function pinSegments(segments: Segments, replica: string, index: SequenceIndex): Map<number, Segment> {
  const pinned = new Map<number, Segment>();
  for (let sequence = index.first; sequence <= index.last; sequence += 1) {
    const { segment: number } = index.at(sequence);
    if (pinned.has(number)) continue;
    const segment = segments.get(number);
    if (segment === undefined) throw new EntriesReleasedError(replica, BigInt(sequence));
    pinned.set(number, segment);
  }
  for (const segment of pinned.values()) segment.readers += 1;
  return pinned;
}

async function unpin(segment: Segment): Promise<void> {
  segment.readers -= 1;
  await closeUnlessRead(segment);
}

function holds(at: number, bytes: Buffer, location: Location): boolean {
  return location.offset >= at && location.offset + location.length <= at + bytes.length;
}

/** The entry at `at` in `bytes`, which must be the one that the index places there. */
export function readVerified(
  place: { readonly segment: Segment; readonly location: Location; readonly replica: string; readonly sequence: number },
  bytes: Buffer,
  at: number,
): Omit<EntryRecord, 'kind'> {
  const { segment, location, replica, sequence } = place;
  const found = readRecord(bytes, at);
  if (typeof found === 'string') throw new LogCorruptionError(segment.name, location.offset, found);
  const { record } = found;
  if ((record.kind !== 'entry' && record.kind !== 'copied') || record.replica !== replica || record.sequence !== sequence) {
    throw new LogCorruptionError(segment.name, location.offset, `here should be entry ${sequence} of replica ${replica}`);
  }
  return record;
}
