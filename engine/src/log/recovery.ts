import { UnreadableError, type Disk, type DiskFile } from './disk.ts';
import { LogCorruptionError } from './log.ts';
import type { LogState } from './log-state.ts';
import { Replay } from './replay.ts';
import {
  decodeSegmentHeader,
  findLaterFrame,
  formatVersion,
  frameHeaderBytes,
  seedOf,
  segmentHeaderBytes,
  segmentName,
  segmentNumber,
  showsUse,
  type SegmentHeader,
} from './segment-format.ts';
import { walkFrames } from './segment-walk.ts';
import { segmentOf, type Segment, type Segments } from './segments.ts';

export interface Recovered {
  readonly damaged: ReadonlyMap<string, LogCorruptionError>;
  /** Number of a new segment to write to: there is none, bytes of the newest are lost, or damage was found that must be noted. */
  readonly beginAt: number | undefined;
  readonly salt: Buffer | undefined;
}

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly segments: Segments;
  readonly state: LogState;
  /** Replicas that may have entries here. */
  readonly formatted: readonly string[];
}

const rewrittenName = 'rewritten.tmp';
const readBytes = 1024 * 1024;
const sectorBytes = 4096;

/**
 * Replays all segments into `state`, leaves out a torn tail and tells which replicas are damaged.
 * What is replayed is on the disk when this resolves, since others will be told that it is there: the last segment is written anew, as
 * after a failed sync the operating system may still show bytes that it never wrote and that no later sync would write.
 * Throws LogCorruptionError only where a file is of a format that is not known.
 */
export async function recover({ disk, segments, state, formatted }: RecoveryOptions): Promise<Recovered> {
  const replay = new Replay(state);
  const numbers = (await disk.list()).flatMap((name) => segmentNumber(name) ?? []).toSorted((a, b) => a - b);
  const salt = await findSalt(disk, numbers);
  /** Of the newest segment that is in use. */
  let broken = false;
  for (const [index, number] of numbers.entries()) {
    const name = segmentName(number);
    const before = numbers[index - 1];
    if (before !== undefined && number !== before + 1) {
      replay.lose({ file: segmentName(before + 1), offset: 0, what: 'the file is missing' });
    }
    const last = index === numbers.length - 1;
    const file = await disk.open(name);
    const content = await readAll(file);
    const found = replaySegment({ ...content, number, oldest: index === 0, last, salt, replay, segments, file });
    if (found.kind === 'unused') {
      await file[Symbol.asyncDispose]();
      await disk.remove(name);
      continue;
    }
    const { segment } = found;
    broken = found.broken;
    if (!last) continue;
    // Nobody is whole then, and in a copy the lost bytes would look like a torn tail.
    if (found.tailLost) continue;
    await file[Symbol.asyncDispose]();
    segment.file = await rewrite(disk, name, content.source.subarray(0, segment.size));
  }
  await disk.syncFolder();
  const { newest } = segments;
  const { damaged, fresh } = replay.finish(formatted, segments.oldest?.name ?? segmentName(1));
  const writable = newest !== undefined && !broken && !fresh;
  return { damaged, beginAt: writable ? undefined : (newest?.number ?? 0) + 1, salt };
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

/** All segments have the same one, and one of them may have lost its header. */
async function findSalt(disk: Disk, numbers: readonly number[]): Promise<Buffer | undefined> {
  for (const number of numbers.toReversed()) {
    await using file = await disk.open(segmentName(number));
    if (file.size < segmentHeaderBytes) continue;
    const { source } = await readAll(file, segmentHeaderBytes);
    const header = decodeSegmentHeader(source);
    if (typeof header !== 'string') return header.salt;
  }
  return undefined;
}

/** What cannot be read is zeros, and no record is made of those. */
async function readAll(file: DiskFile, bytes = file.size): Promise<{ readonly source: Buffer; readonly unreadableUpTo: number }> {
  const source = Buffer.alloc(bytes);
  let unreadableUpTo = 0;
  const readPart = async (from: number, end: number, step: number): Promise<void> => {
    for (let at = from; at < end; at += step) {
      const to = Math.min(end, at + step);
      try {
        source.set(await file.read(at, to - at), at);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        if (step > sectorBytes) await readPart(at, to, sectorBytes);
        else unreadableUpTo = Math.max(unreadableUpTo, to);
      }
    }
  };
  await readPart(0, bytes, readBytes);
  return { source, unreadableUpTo };
}

interface SegmentReplay {
  readonly source: Buffer;
  readonly unreadableUpTo: number;
  readonly number: number;
  readonly oldest: boolean;
  readonly last: boolean;
  readonly salt: Buffer | undefined;
  readonly replay: Replay;
  readonly segments: Segments;
  readonly file: DiskFile;
}

/** Unused: the segment was being made when the process ended, and nothing was written to it. */
type ReplayedSegment =
  | { readonly kind: 'unused' }
  | { readonly kind: 'replayed'; readonly segment: Segment; readonly broken: boolean; readonly tailLost: boolean };

function replaySegment({ source, unreadableUpTo, number, oldest, last, salt, replay, segments, file }: SegmentReplay): ReplayedSegment {
  const name = segmentName(number);
  const header = headerOf(source, number);
  const seed = typeof header === 'string' ? salt && seedOf(number, salt) : header.seed;
  // Before the first file and before one that others precede there is nothing that only its extents would tell.
  const mayBeUnused = last && unreadableUpTo === 0 && (!oldest || number === 1);
  const inUse = seed === undefined ? showsUse(source) : findLaterFrame(source, 0, 0, seed) !== undefined;
  if (typeof header === 'string' && mayBeUnused && !inUse) return { kind: 'unused' };
  const segment = segmentOf({ number, file, seed: seed ?? 0, nextFrame: 0, size: segmentHeaderBytes });
  segments.add(segment);
  let broken = typeof header === 'string';
  const lose = (offset: number, what: string): void => {
    replay.lose({ file: name, offset, what });
    broken = true;
  };
  const walk = walkFrames(source, seed === undefined ? source.length : segmentHeaderBytes, 0, segment.seed);
  let step = walk.next();
  for (; !step.done; step = walk.next()) {
    for (const placed of step.value.records) {
      const begins = oldest && placed.offset === segmentHeaderBytes + frameHeaderBytes && placed.record.kind === 'extents';
      if (begins) replay.begin(placed.record.extents, name);
      else replay.apply(placed, segment);
    }
    if (step.value.lost) lose(step.value.lost.at, step.value.lost.what);
  }
  segment.size = step.value.size;
  segment.nextFrame = step.value.nextFrame;
  if (segment.nextFrame === 0 && mayBeUnused && !inUse) {
    segments.delete(segment);
    return { kind: 'unused' };
  }
  const behind = segment.nextFrame === 0 || segment.size < source.length;
  const tailLost = behind && (!last || unreadableUpTo > segment.size || segment.nextFrame === 0);
  if (tailLost) {
    lose(segment.nextFrame === 0 ? 0 : segment.size, typeof header === 'string' ? header : 'here should be a frame');
    segment.size = source.length;
  }
  return { kind: 'replayed', segment, broken, tailLost };
}

function headerOf(source: Buffer, number: number): SegmentHeader | string {
  const header = decodeSegmentHeader(source);
  if (typeof header === 'string') return header;
  if (header.version !== formatVersion)
    throw new LogCorruptionError(segmentName(number), 8, `format version ${header.version} is not known`);
  return header.number === number ? header : `the header belongs to segment ${header.number}`;
}
