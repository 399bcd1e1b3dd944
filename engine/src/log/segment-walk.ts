import { readRecord, type LogRecord } from './record.ts';
import { findLaterFrame, frameHeaderBytes, readFrameHeader } from './segment-format.ts';

export interface PlacedRecord {
  readonly record: LogRecord;
  readonly offset: number;
  readonly length: number;
}

/** Records that could be read, and behind them, if anything could not, where that begins and why. */
export interface Stretch {
  readonly records: readonly PlacedRecord[];
  readonly lost: { readonly at: number; readonly what: string } | undefined;
}

/** Where the walk ended. Bytes behind `size` did not make a frame, and nothing that could be told as a frame came after them. */
export interface WalkEnd {
  readonly size: number;
  readonly nextFrame: number;
}

interface Tiles {
  readonly records: readonly PlacedRecord[];
  readonly broken: { readonly at: number; readonly what: string } | undefined;
}

/**
 * Walks the frames of one segment from `from`, where frame `number` should be, and goes on behind what is broken at the next frame there
 * is. A frame whose header alone is broken is read by its neighbours: its records must fill the space between them.
 */
export function* walkFrames(source: Buffer, from: number, number: number, seed: number): Generator<Stretch, WalkEnd> {
  let at = from;
  let next = number;
  while (at < source.length) {
    const header = readFrameHeader(source, at, seed);
    const expected = header?.number === next;
    const end = at + frameHeaderBytes + (header?.payloadBytes ?? 0);
    if (expected && end <= source.length) {
      const { records, broken } = readTiles(source, at + frameHeaderBytes, end);
      if (broken === undefined) {
        yield { records, lost: undefined };
        at = end;
        next += 1;
        continue;
      }
    }
    const later = findLaterFrame(source, at, next, seed);
    if (later === undefined) return { size: at, nextFrame: next };
    const single = later.number === next + 1;
    const { records, broken } = single ? readTiles(source, at + frameHeaderBytes, later.at) : { records: [], broken: undefined };
    const what =
      broken?.what ?? (header && !expected ? `frame ${header.number} stands where frame ${next} should be` : 'here should be a frame');
    yield { records, lost: single && broken === undefined ? undefined : { at: broken?.at ?? at, what } };
    at = later.at;
    next = later.number;
  }
  return { size: at, nextFrame: next };
}

/** Records from `from` on, each verified, until one is broken or `end` is met. */
export function readTiles(source: Buffer, from: number, end: number): Tiles {
  const within = source.subarray(0, end);
  const records: PlacedRecord[] = [];
  for (let offset = from; offset < end;) {
    const found = readRecord(within, offset);
    if (typeof found === 'string') return { records, broken: { at: offset, what: found } };
    records.push({ record: found.record, offset, length: found.end - offset });
    offset = found.end;
  }
  return { records, broken: undefined };
}
