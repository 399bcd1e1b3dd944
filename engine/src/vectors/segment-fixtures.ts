import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SegmentOptions, SlotBitset } from './vector-segment.ts';

export const smallOptions: SegmentOptions = { dimension: 5, metric: 'euclid', capacity: 200, connectivity: 8, expansionAdd: 32 };

export function bitsetOf(slots: Iterable<number>, capacity: number): SlotBitset {
  const bits = new Uint32Array(Math.ceil(capacity / 32));
  for (const slot of slots) bits[slot >>> 5] = (bits[slot >>> 5] ?? 0) | (1 << (slot & 31));
  return bits;
}

export function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}

/** Same numbers everywhere: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Points around `clusters` centres, as embeddings are: row-major. */
export function clusteredVectors(count: number, dimension: number, clusters: number, seed: number): Float32Array {
  const random = randomFrom(seed);
  const centres = Float32Array.from({ length: clusters * dimension }, () => random() - 0.5);
  const chosen = Array.from({ length: count }, () => Math.floor(random() * clusters));
  return Float32Array.from({ length: count * dimension }, (_, i) => {
    const centre = chosen[Math.floor(i / dimension)] ?? 0;
    return (centres[centre * dimension + (i % dimension)] ?? 0) + (random() - 0.5) * 0.6;
  });
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'segment-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
