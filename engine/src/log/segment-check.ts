/** Verifies the bytes of a segment while it is in use. */
import { UnreadableError } from './disk.ts';
import { LogCorruptionError, type LogCheck } from './log.ts';
import type { LogState } from './log-state.ts';
import { decodeSegmentHeader, findLaterFrame, frameHeaderBytes, readFrameHeader, segmentHeaderBytes } from './segment-format.ts';
import { closeUnlessRead, readRecordAt, type EntryPlace } from './segment-reader.ts';
import { readTiles } from './segment-walk.ts';
import type { Segment } from './segments.ts';

const stepBytes = 1024 * 1024;

interface Broken {
  readonly at: number;
  readonly what: string;
}

/** Checks from `offset`, the header's or a frame's, as far as whole frames fit into a step, at least one. */
export async function checkSegment(segment: Segment, offset: number, state: LogState): Promise<LogCheck> {
  segment.readers += 1;
  try {
    // What is written while this reads is left for the next pass.
    const { size } = segment;
    const begins = offset === 0 ? await checkHeader(segment) : undefined;
    let at = Math.max(offset, segmentHeaderBytes);
    let broken = begins;
    while (at < size && at - offset < stepBytes && broken === undefined) {
      const frame = await checkFrame(segment, at, size);
      broken = frame.broken;
      at = frame.end;
    }
    const damage = broken && (await damageIn(segment, broken, at, state));
    return { next: at < size ? at : undefined, bytes: at - offset, damage };
  } finally {
    segment.readers -= 1;
    await closeUnlessRead(segment);
  }
}

async function checkHeader(segment: Segment): Promise<Broken | undefined> {
  const source = await readable(segment, 0, segmentHeaderBytes);
  if (source === undefined) return { at: 0, what: 'the segment header cannot be read' };
  const header = decodeSegmentHeader(source);
  if (typeof header === 'string') return { at: 0, what: header };
  return header.number === segment.number ? undefined : { at: 0, what: `the header belongs to segment ${header.number}` };
}

async function checkFrame(
  segment: Segment,
  at: number,
  size: number,
): Promise<{ readonly end: number; readonly broken: Broken | undefined }> {
  const head = at + frameHeaderBytes <= size ? await readable(segment, at, frameHeaderBytes) : undefined;
  const header = head && readFrameHeader(head, 0, segment.seed);
  const end = at + frameHeaderBytes + (header?.payloadBytes ?? 0);
  if (header === undefined || end > size)
    return { end: await nextFrame(segment, at, size), broken: { at, what: 'here should be a frame' } };
  const payload = await readable(segment, at + frameHeaderBytes, header.payloadBytes);
  if (payload === undefined) return { end, broken: { at, what: 'a frame cannot be read' } };
  const { broken } = readTiles(payload, 0, payload.length);
  return { end, broken: broken && { at: at + frameHeaderBytes + broken.at, what: broken.what } };
}

async function nextFrame(segment: Segment, at: number, size: number): Promise<number> {
  const rest = await readable(segment, at, size - at);
  const later = rest && findLaterFrame(rest, 1, -1, segment.seed);
  return later === undefined ? size : at + later.at;
}

/** The replicas of which a needed entry lies in the broken bytes and cannot be read: each is tried at its own place. */
async function damageIn(segment: Segment, { at, what }: Broken, end: number, state: LogState): Promise<LogCorruptionError> {
  const hit: string[] = [];
  for (const replica of state.replicas) {
    for (const place of placesIn(segment, at, end, state, replica)) {
      const whole = await readRecordAt(place).then(
        () => true,
        (error: unknown) => {
          if (error instanceof LogCorruptionError) return false;
          throw error;
        },
      );
      if (whole) continue;
      hit.push(replica);
      break;
    }
  }
  return new LogCorruptionError(segment.name, at, what, hit);
}

function placesIn(segment: Segment, at: number, end: number, state: LogState, replica: string): readonly EntryPlace[] {
  const index = state.index(replica);
  if (index === undefined) return [];
  const places: EntryPlace[] = [];
  for (let sequence = index.first; sequence <= index.last; sequence += 1) {
    const location = index.at(sequence);
    if (location.segment !== segment.number || location.offset >= end || location.offset + location.length <= at) continue;
    places.push({ segment, location, replica, sequence });
  }
  return places;
}

async function readable(segment: Segment, at: number, bytes: number): Promise<Buffer | undefined> {
  try {
    return await segment.file.read(at, bytes);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}
