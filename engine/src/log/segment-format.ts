import { crc32 } from 'node:zlib';
import { readRecord } from './record.ts';

/**
 * A segment file is a header and then frames; a frame is what one write and one sync brought to the disk.
 * Frame n + 1 is written only after frame n is synced: that tells a torn tail (an unfinished last frame, whichever of its pages
 * arrived) from damage (something broken before a later frame).
 * Header: magic 8, version u32, reserved u32, number u64, salt 8, crc u32. Frame: mark u32, payload length u32, frame number u32, crc u32.
 * The salt is random and goes into the frame checksums with the segment's number, so that no payload and no frame of another segment can
 * pass for a frame. All segments of a log have the same salt: one header that is lost can be told from the others.
 */
export const segmentHeaderBytes = 36;
export const frameHeaderBytes = 16;
export const saltBytes = 8;
const magic = Buffer.from('VCLNLOG\n');
export const formatVersion = 2;
const frameMark = Buffer.from([0xf1, 0x9a, 0x4d, 0xe7]);

export interface SegmentHeader {
  readonly version: number;
  readonly number: number;
  readonly salt: Buffer;
  /** First value of the frame checksums. */
  readonly seed: number;
}

export function segmentName(number: number): string {
  return `${number.toString().padStart(12, '0')}.log`;
}

export function segmentNumber(name: string): number | undefined {
  const digits = /^(\d{12})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function encodeSegmentHeader(number: number, salt: Uint8Array): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  header.set(magic, 0);
  header.writeUInt32LE(formatVersion, 8);
  header.writeBigUInt64LE(BigInt(number), 16);
  header.set(salt.subarray(0, saltBytes), 24);
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  return header;
}

/** The header, or what is wrong with it. */
export function decodeSegmentHeader(source: Buffer): SegmentHeader | string {
  if (source.length < segmentHeaderBytes) return 'the segment header ends early';
  if (!source.subarray(0, 8).equals(magic)) return 'this is not a segment of the log';
  if (source.readUInt32LE(32) !== crc32(source.subarray(0, 32))) return 'the checksum of the segment header does not match';
  const number = Number(source.readBigUInt64LE(16));
  const salt = Buffer.from(source.subarray(24, 24 + saltBytes));
  return { version: source.readUInt32LE(8), number, salt, seed: seedOf(number, salt) };
}

export function seedOf(number: number, salt: Uint8Array): number {
  const header = encodeSegmentHeader(number, salt);
  return crc32(header.subarray(16, 32));
}

export function writeFrameHeader(target: Buffer, at: number, frame: { payloadBytes: number; number: number; seed: number }): void {
  target.set(frameMark, at);
  target.writeUInt32LE(frame.payloadBytes, at + 4);
  target.writeUInt32LE(frame.number, at + 8);
  target.writeUInt32LE(crc32(target.subarray(at, at + 12), frame.seed), at + 12);
}

export interface FrameHeader {
  readonly payloadBytes: number;
  readonly number: number;
}

export function readFrameHeader(source: Buffer, at: number, seed: number): FrameHeader | undefined {
  if (at + frameHeaderBytes > source.length) return undefined;
  if (!source.subarray(at, at + 4).equals(frameMark)) return undefined;
  if (source.readUInt32LE(at + 12) !== crc32(source.subarray(at, at + 12), seed)) return undefined;
  return { payloadBytes: source.readUInt32LE(at + 4), number: source.readUInt32LE(at + 8) };
}

/** The first frame with a number above `above` that begins at `from` or later. */
export function findLaterFrame(
  source: Buffer,
  from: number,
  above: number,
  seed: number,
): (FrameHeader & { readonly at: number }) | undefined {
  for (let at = source.indexOf(frameMark, from); at !== -1; at = source.indexOf(frameMark, at + 1)) {
    const frame = readFrameHeader(source, at, seed);
    if (frame !== undefined && frame.number > above) return { ...frame, at };
  }
  return undefined;
}

/**
 * Where the seed is lost: whether the segment was in use. One that was being made has a header and one frame, so whatever is behind that
 * frame shows it, as does any whole record that is not extents.
 */
export function showsUse(source: Buffer): boolean {
  const first = segmentHeaderBytes;
  if (source.length >= first + frameHeaderBytes && source.subarray(first, first + frameMark.length).equals(frameMark)) {
    if (source.length > first + frameHeaderBytes + source.readUInt32LE(first + frameMark.length)) return true;
  }
  for (let at = source.indexOf(frameMark); at !== -1; at = source.indexOf(frameMark, at + 1)) {
    const found = readRecord(source, at + frameHeaderBytes);
    if (typeof found !== 'string' && found.record.kind !== 'extents') return true;
  }
  return false;
}
