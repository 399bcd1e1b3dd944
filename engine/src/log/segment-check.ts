/** Verifies the bytes of a segment while it is in use. */
import { UnreadableError } from './disk.ts';
import { LogCorruptionError, type LogCheck } from './log.ts';
import type { LogState } from './log-state.ts';
import { decodeSegmentHeader, findLaterFrame, frameHeaderBytes, readFrameHeader, segmentHeaderBytes } from './segment-format.ts';
import { closeUnlessRead } from './segment-reader.ts';
import { readTiles } from './segment-walk.ts';
import type { Segment } from './segments.ts';

const stepBytes = 1024 * 1024;

interface Broken {
  readonly at: number;
  readonly what: string;
  /** From here to the end of the frame no record is found by who replays it; one behind broken bytes begins nobody knows where. */
  readonly lostFrom: number;
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
    const damage = broken && damageIn(segment, broken, at, state);
    return { next: at < size ? at : undefined, bytes: at - offset, damage };
  } finally {
    segment.readers -= 1;
    await closeUnlessRead(segment);
  }
}

async function checkHeader(segment: Segment): Promise<Broken | undefined> {
  const what = wrongWithHeader(segment, await readable(segment, 0, segmentHeaderBytes));
  return what === undefined ? undefined : { at: 0, what, lostFrom: segmentHeaderBytes };
}

function wrongWithHeader({ number }: Segment, source: Buffer | undefined): string | undefined {
  if (source === undefined) return 'the segment header cannot be read';
  const header = decodeSegmentHeader(source);
  if (typeof header === 'string') return header;
  return header.number === number ? undefined : `the header belongs to segment ${header.number}`;
}

async function checkFrame(
  segment: Segment,
  at: number,
  size: number,
): Promise<{ readonly end: number; readonly broken: Broken | undefined }> {
  const head = at + frameHeaderBytes <= size ? await readable(segment, at, frameHeaderBytes) : undefined;
  const header = head && readFrameHeader(head, 0, segment.seed);
  const begins = at + frameHeaderBytes;
  const payload = header && begins + header.payloadBytes <= size ? await readable(segment, begins, header.payloadBytes) : undefined;
  const { broken } = payload ? readTiles(payload, 0, payload.length) : { broken: { at: 0, what: 'here should be a frame' } };
  const end = begins + (payload?.length ?? 0);
  return broken === undefined ? { end, broken } : await lostAround(segment, at, size, broken.what);
}

/** A frame of which anything is broken ends where another begins, and nowhere if there is none: see walkFrames. */
async function lostAround(
  segment: Segment,
  at: number,
  size: number,
  what: string,
): Promise<{ readonly end: number; readonly broken: Broken }> {
  const end = await nextFrame(segment, at, size);
  if (end === undefined) return { end: size, broken: { at, what, lostFrom: at } };
  const begins = at + frameHeaderBytes;
  const payload = await readable(segment, begins, end - begins);
  if (payload === undefined) return { end, broken: { at, what: 'a frame cannot be read', lostFrom: at } };
  const { broken } = readTiles(payload, 0, payload.length);
  const lostFrom = broken === undefined ? end : begins + broken.at;
  return { end, broken: { at: broken === undefined ? at : lostFrom, what: broken?.what ?? what, lostFrom } };
}

async function nextFrame(segment: Segment, at: number, size: number): Promise<number | undefined> {
  const rest = await readable(segment, at, size - at);
  const later = rest && findLaterFrame(rest, 1, -1, segment.seed);
  return later && at + later.at;
}

/** With the replicas of which a needed entry would not be found when the segment is replayed, whether or not its own bytes are whole. */
function damageIn(segment: Segment, { at, what, lostFrom }: Broken, end: number, state: LogState): LogCorruptionError {
  const hit = state.replicas.filter((replica) => hasEntryIn(segment, lostFrom, end, state, replica));
  return new LogCorruptionError(segment.name, at, what, hit);
}

function hasEntryIn(segment: Segment, from: number, end: number, state: LogState, replica: string): boolean {
  const index = state.index(replica);
  if (index === undefined) return false;
  for (let sequence = index.first; sequence <= index.last; sequence += 1) {
    const location = index.at(sequence);
    if (location.segment === segment.number && location.offset < end && location.offset + location.length > from) return true;
  }
  return false;
}

async function readable(segment: Segment, at: number, bytes: number): Promise<Buffer | undefined> {
  try {
    return await segment.file.read(at, bytes);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}
