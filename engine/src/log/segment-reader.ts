import assert from 'node:assert/strict';
import { UnreadableError } from './disk.ts';
import { LogCorruptionError, type LogEntry } from './log.ts';
import { readRecord, type EntryRecord } from './record.ts';
import type { Segment, Segments } from './segments.ts';
import type { Location, Places, SequenceIndex } from './sequence-index.ts';

const readAheadBytes = 256 * 1024;
/** Bytes of other replicas that are read along rather than begin another read behind them. */
const maxGapBytes = 16 * 1024;

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

export interface Window {
  readonly replica: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a window, each record verified against its checksum and against what the index says it is. Places are taken and their files held
 * in the first step, so that neither truncation nor removal reaches the reader.
 */
export async function* readEntries(segments: Segments, index: SequenceIndex, { replica, from, to }: Window): AsyncGenerator<LogEntry> {
  if (from < index.first) throw new EntriesReleasedError(replica, BigInt(from));
  const places = index.places(from, Math.min(to, index.last));
  let held: { readonly segment: Segment; readonly at: number; readonly bytes: Buffer } | undefined;
  const pinned = pinSegments(segments, places);
  try {
    for (let nth = 0; nth < places.length; nth += 1) {
      const location = places.at(nth);
      const segment = pinned.get(location.segment);
      assert(segment !== undefined, 'an entry lies in a file that is gone');
      const place = { segment, location, replica, sequence: from + nth };
      if (held === undefined || held.segment !== segment || !holds(held.at, held.bytes, location)) {
        held = { segment, at: location.offset, bytes: await readBytes(place, lengthAhead(places, nth)) };
      }
      const { epoch, requestId, operation } = verified(place, held.bytes, location.offset - held.at);
      yield { replica, epoch, sequence: BigInt(place.sequence), requestId, operation };
    }
  } finally {
    for (const segment of pinned.values()) await unpin(segment);
  }
}

/** Bytes from the `nth` place on to read at once: on to the places that follow it closely, not over much that is of others. */
function lengthAhead(places: Places, nth: number): number {
  const begin = places.at(nth);
  let end = begin.offset + begin.length;
  for (let next = nth + 1; next < places.length; next += 1) {
    const { segment, offset, length } = places.at(next);
    const near = segment === begin.segment && offset >= end && offset - end <= maxGapBytes;
    if (!near || offset + length - begin.offset > readAheadBytes) break;
    end = offset + length;
  }
  return end - begin.offset;
}

export async function closeUnlessRead(segment: Segment): Promise<void> {
  if (segment.removed && segment.readers === 0) await segment.file[Symbol.asyncDispose]();
}

function pinSegments(segments: Segments, places: Places): Map<number, Segment> {
  const pinned = new Map<number, Segment>();
  for (const number of places.segments) {
    const segment = segments.get(number);
    assert(segment !== undefined, 'an entry lies in a file that is gone');
    pinned.set(number, segment);
    segment.readers += 1;
  }
  return pinned;
}

async function unpin(segment: Segment): Promise<void> {
  segment.readers -= 1;
  await closeUnlessRead(segment);
}

function holds(at: number, bytes: Buffer, location: Location): boolean {
  return location.offset >= at && location.offset + location.length <= at + bytes.length;
}

/** Where an entry should be. */
export interface EntryPlace {
  readonly segment: Segment;
  readonly location: Location;
  readonly replica: string;
  readonly sequence: number;
}

/** Throws LogCorruptionError, which names the replica. */
export async function readRecordAt(place: EntryPlace): Promise<Omit<EntryRecord, 'kind'>> {
  return verified(place, await readBytes(place, place.location.length), 0);
}

async function readBytes(place: EntryPlace, length: number): Promise<Buffer> {
  try {
    return await place.segment.file.read(place.location.offset, length);
  } catch (error) {
    if (error instanceof UnreadableError) throw damagedAt(place, error.message);
    throw error;
  }
}

/** The entry at `at` in `bytes`, which must be the one that the index places there. */
function verified(place: EntryPlace, bytes: Buffer, at: number): Omit<EntryRecord, 'kind'> {
  const { replica, sequence } = place;
  const found = readRecord(bytes, at);
  if (typeof found === 'string') throw damagedAt(place, found);
  const { record } = found;
  if ((record.kind !== 'entry' && record.kind !== 'copied') || record.replica !== replica || record.sequence !== sequence) {
    throw damagedAt(place, `here should be entry ${sequence} of replica ${replica}`);
  }
  return record;
}

function damagedAt({ segment, location, replica }: EntryPlace, what: string): LogCorruptionError {
  return new LogCorruptionError(segment.name, location.offset, what, [replica]);
}
