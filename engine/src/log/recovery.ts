import type { Disk, DiskFile } from './disk.ts';
import { LogCorruptionError } from './log.ts';
import type { LogState } from './log-state.ts';
import { readRecord, type LogRecord } from './record.ts';
import {
  decodeSegmentHeader,
  findAnyEntry,
  findLaterFrame,
  formatVersion,
  frameHeaderBytes,
  readFrameHeader,
  segmentHeaderBytes,
  segmentName,
  segmentNumber,
} from './segment-format.ts';
import { segmentOf, type Segment, type Segments } from './segments.ts';

interface PlacedRecord {
  readonly record: LogRecord;
  readonly offset: number;
  readonly length: number;
}

/** Bytes that do not make a frame. In the last segment, with nothing valid after them, they are a torn tail; else they are damage. */
interface Broken {
  readonly at: number;
  readonly what: string;
}

const rewrittenName = 'rewritten.tmp';

/**
 * Replays all segments into `state` and leaves out a torn tail. Throws LogCorruptionError at damage.
 * What is replayed is on the disk when this resolves, since others will be told that it is there: the last segment is written anew, as
 * after a failed sync the operating system may still show bytes that it never wrote and that no later sync would write.
 */
export async function recover(disk: Disk, segments: Segments, state: LogState): Promise<void> {
  const numbers = await segmentNumbers(disk);
  for (const [index, number] of numbers.entries()) {
    const file = await disk.open(segmentName(number));
    const last = index === numbers.length - 1;
    const source = await file.read(0, file.size);
    const segment = recoverSegment({ file, source, number, oldest: index === 0, last, segments, state });
    if (!last) continue;
    await file[Symbol.asyncDispose]();
    if (segment === undefined) await disk.remove(segmentName(number));
    else segment.file = await rewrite(disk, segment.name, source.subarray(0, segment.size));
  }
  await disk.syncFolder();
  const missing = state.findMissing();
  if (missing !== undefined) {
    const file = segments.oldest?.name ?? segmentName(1);
    throw new LogCorruptionError(file, 0, `entry ${missing.sequence} of replica ${missing.replica} should be here or later and is not`);
  }
}

async function rewrite(disk: Disk, name: string, content: Buffer): Promise<DiskFile> {
  const copy = await disk.open(rewrittenName);
  await copy.truncate(0);
  await copy.append([content]);
  await copy.sync();
  await copy[Symbol.asyncDispose]();
  await disk.rename(rewrittenName, name);
  return disk.open(name);
}

async function segmentNumbers(disk: Disk): Promise<readonly number[]> {
  const numbers = (await disk.list()).flatMap((name) => segmentNumber(name) ?? []).toSorted((a, b) => a - b);
  for (const [index, number] of numbers.entries()) {
    const before = numbers[index - 1];
    if (before !== undefined && number !== before + 1) throw new LogCorruptionError(segmentName(before + 1), 0, 'the file is missing');
  }
  return numbers;
}

interface SegmentRecovery {
  readonly file: DiskFile;
  readonly source: Buffer;
  readonly number: number;
  readonly oldest: boolean;
  readonly last: boolean;
  readonly segments: Segments;
  readonly state: LogState;
}

/** Undefined when the segment was being made when the process ended, and holds nothing. */
function recoverSegment({ file, source, number, oldest, last, segments, state }: SegmentRecovery): Segment | undefined {
  const name = segmentName(number);
  const header = decodeSegmentHeader(source);
  if (typeof header === 'string') {
    if (last && findAnyEntry(source) === undefined) return undefined;
    throw new LogCorruptionError(name, 0, header);
  }
  if (header.version !== formatVersion) throw new LogCorruptionError(name, 8, `format version ${header.version} is not known`);
  if (header.number !== number) throw new LogCorruptionError(name, 16, `the header belongs to segment ${header.number}`);
  const segment = segmentOf({ number, file, seed: header.seed, nextFrame: 0, size: segmentHeaderBytes });
  segments.add(segment);
  while (segment.size < source.length || segment.nextFrame === 0) {
    const frame = readFrame(source, segment.size, segment.nextFrame, header.seed);
    if (!Array.isArray(frame)) {
      const later = findLaterFrame(source, segment.size, segment.nextFrame, header.seed);
      if (!last || later !== undefined) throw new LogCorruptionError(name, frame.at, frame.what);
      if (segment.nextFrame > 0) return segment;
      segments.delete(segment);
      return undefined;
    }
    for (const { record, offset, length } of frame) {
      if (oldest && segment.nextFrame === 0 && record.kind === 'extents') state.begin(record.extents);
      else {
        const wrong = state.apply(record, { segment: number, offset, length });
        if (wrong !== undefined) throw new LogCorruptionError(name, offset, wrong);
      }
      segment.size = offset + length;
    }
    segment.nextFrame += 1;
  }
  return segment;
}

function readFrame(source: Buffer, at: number, number: number, seed: number): PlacedRecord[] | Broken {
  const header = readFrameHeader(source, at, seed);
  if (header === undefined) return { at, what: 'here should be a frame' };
  if (header.number !== number) return { at, what: `frame ${header.number} stands where frame ${number} should be` };
  const end = at + frameHeaderBytes + header.payloadBytes;
  if (end > source.length) return { at, what: 'a frame ends early' };
  const payload = source.subarray(0, end);
  const records: PlacedRecord[] = [];
  for (let offset = at + frameHeaderBytes; offset < end;) {
    const found = readRecord(payload, offset);
    if (typeof found === 'string') return { at: offset, what: found };
    records.push({ record: found.record, offset, length: found.end - offset });
    offset = found.end;
  }
  return records;
}
