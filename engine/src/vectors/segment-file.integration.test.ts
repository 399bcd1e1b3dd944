import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c-reference.ts';
import { describe, expect, test } from 'vitest';
import { createSegment, openSegment } from './native-segment.ts';
import { clusteredVectors, randomFrom, range, smallOptions, withFolder } from './segment-fixtures.ts';
import { SegmentFileError } from './vector-segment.ts';

const headerBytes = 96;
const headerCrcAt = 92;
/** Where the header keeps the checksums of presence, vectors and graph, each after its length. */
const sectionAt = [40, 56, 72] as const;

async function savedBytes(path: string): Promise<Buffer> {
  using segment = createSegment(smallOptions);
  segment.put(range(10, 90), clusteredVectors(80, smallOptions.dimension, 5, 3));
  await segment.index(60);
  await segment.save(path);
  return readFile(path);
}

/** A file whose checksums are right whatever it says: only the checks of its meaning are left to refuse it. */
function resealed(bytes: Buffer): Buffer {
  let from = headerBytes;
  for (const at of sectionAt) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (length > bytes.length - from) break;
    bytes.writeUInt32LE(crc32c(bytes.subarray(from, from + length)), at + 8);
    from += length;
  }
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, headerCrcAt)), headerCrcAt);
  return bytes;
}

async function opens(path: string, bytes: Buffer): Promise<'opened' | 'refused'> {
  await writeFile(path, bytes);
  try {
    using segment = await openSegment(path, smallOptions);
    const all = new Uint32Array(7).fill(0xffffffff);
    await segment.search({ vector: new Float32Array(5), k: 1, expansion: 1, exact: false, allowed: all, allowedCount: 1000 });
    await segment.index(1000);
    return 'opened';
  } catch (error) {
    if (error instanceof SegmentFileError) return 'refused';
    throw error;
  }
}

describe('a saved segment', () => {
  test('is refused after any single flipped bit', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      const bytes = await savedBytes(path);
      const random = randomFrom(11);
      for (let byte = 0; byte < bytes.length; byte += byte < 2 * headerBytes ? 1 : 37) {
        const flipped = Buffer.from(bytes);
        flipped[byte] = (flipped[byte] ?? 0) ^ (1 << Math.floor(random() * 8));
        expect(await opens(path, flipped), `bit flipped in byte ${byte}`).toBe('refused');
      }
      expect(await opens(path, bytes)).toBe('opened');
    }));

  test('is refused when cut or extended anywhere', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      const bytes = await savedBytes(path);
      const lengths = [0, 1, headerBytes - 1, headerBytes, headerBytes + 31, 600, 2000, bytes.length - 1];
      for (const length of lengths) expect(await opens(path, bytes.subarray(0, length)), `cut to ${length}`).toBe('refused');
      expect(await opens(path, Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('refused');
      expect(await opens(path, Buffer.alloc(5000))).toBe('refused');
    }));

  test('never crashes the process when its checksums are made to fit the damage', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      const bytes = await savedBytes(path);
      const graphFrom = headerBytes + Number(bytes.readBigUInt64LE(40)) + Number(bytes.readBigUInt64LE(56));
      const random = randomFrom(5);
      const outcomes = new Set<string>();
      for (let round = 0; round < 1500; round++) {
        const damaged = Buffer.from(bytes);
        // Half of the damage in the header, presence bits and the head of the graph, where every number matters.
        const [low, high] = round % 2 === 0 ? [graphFrom, graphFrom + 400] : [40, damaged.length];
        const at = low + Math.floor(random() * (high - low));
        damaged[at] = Math.floor(random() * 256);
        if (round % 3 === 0) damaged.writeUInt32LE(0xffffffff, Math.min(at, damaged.length - 4));
        outcomes.add(await opens(path, resealed(damaged)));
      }
      // Changed components of vectors are a different segment, not a damaged one.
      expect(outcomes).toEqual(new Set(['opened', 'refused']));
    }));

  test('with an impossible count is refused without reserving memory for it', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      const bytes = await savedBytes(path);
      for (const at of [32, ...sectionAt]) {
        for (const count of [2n ** 64n - 1n, 2n ** 63n, 2n ** 40n]) {
          const damaged = Buffer.from(bytes);
          damaged.writeBigUInt64LE(count, at);
          expect(await opens(path, resealed(damaged))).toBe('refused');
        }
      }
    }));

  test('replaces the file of before as a whole and leaves nothing beside it', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'segment');
      // Longer than what replaces it: bytes left over at the end would damage the new file.
      const before = Buffer.alloc(1 << 20, 7);
      await writeFile(path, before);
      const saved = await savedBytes(path);
      expect(saved.length).toBeLessThan(before.length);
      expect(await opens(path, saved)).toBe('opened');
      expect(await readdir(folder)).toEqual(['segment']);
    }));

  test('that is absent, a folder, or under a folder that is absent rejects with the reason', () =>
    withFolder(async (folder) => {
      await expect(openSegment(join(folder, 'nothing'), smallOptions)).rejects.toMatchObject({ code: 'SEGMENT_IO' });
      await expect(openSegment(folder, smallOptions)).rejects.toMatchObject({ code: 'SEGMENT_IO' });
      using segment = createSegment(smallOptions);
      await expect(segment.save(join(folder, 'nowhere', 'segment'))).rejects.toMatchObject({ code: 'SEGMENT_IO' });
      await expect(segment.save('with\0nul')).rejects.toThrow(TypeError);
    }));
});
