import { decodeExactFile, encodeExactFile } from './exact-file.ts';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { distanceFor, scoreOf, toUnit } from './exact-distance.ts';
import { SegmentFileError } from './vector-segment.ts';
import type { SegmentHits, SegmentOptions, SegmentSearch, SlotBitset, VectorSegment } from './vector-segment.ts';

/** The same segment in plain TypeScript, scanning always: what the native one is compared with. `index` only moves the counter. */
export function createExactSegment(options: SegmentOptions): VectorSegment {
  return new ExactSegment(options, new Map());
}

/** Rejects with SegmentFileError like the native one; the two formats differ. */
export async function openExactSegment(path: string, options: SegmentOptions): Promise<VectorSegment> {
  const stored = decodeExactFile(await readFile(path), options);
  if (stored === undefined) throw new SegmentFileError(`segment ${path} is damaged or was made with other options`);
  return new ExactSegment(options, stored);
}

class ExactSegment implements VectorSegment {
  readonly options: SegmentOptions;
  readonly #vectors: Map<number, Float32Array>;
  #indexedCount = 0;
  #disposed = false;

  constructor(options: SegmentOptions, vectors: Map<number, Float32Array>) {
    this.options = options;
    this.#vectors = vectors;
    this.#indexedCount = vectors.size;
  }

  get count(): number {
    this.#requireOpen();
    return this.#vectors.size;
  }

  get indexedCount(): number {
    this.#requireOpen();
    return this.#indexedCount;
  }

  put(slots: Uint32Array, vectors: Float32Array): void {
    this.#requireOpen();
    const { dimension, capacity, metric } = this.options;
    if (vectors.length !== slots.length * dimension) throw new RangeError('vectors do not fit slots');
    if (new Set(slots).size !== slots.length) throw new RangeError('a slot is given twice');
    for (const slot of slots) {
      if (slot >= capacity) throw new RangeError(`slot ${slot} is beyond the capacity of ${capacity}`);
      if (this.#vectors.has(slot)) throw new RangeError(`slot ${slot} is already filled`);
    }
    if (!vectors.every(Number.isFinite)) throw new RangeError('a component is not finite');
    for (const [i, slot] of slots.entries()) {
      const vector = vectors.slice(i * dimension, (i + 1) * dimension);
      this.#vectors.set(slot, metric === 'cosine' ? toUnit(vector) : vector);
    }
  }

  get(slot: number): Float32Array | undefined {
    this.#requireOpen();
    return this.#vectors.get(slot)?.slice();
  }

  async index(limit: number): Promise<number> {
    this.#requireOpen();
    this.#indexedCount = Math.min(this.#vectors.size, this.#indexedCount + limit);
    return this.#vectors.size - this.#indexedCount;
  }

  async search(request: SegmentSearch): Promise<SegmentHits> {
    this.#requireOpen();
    const { dimension, metric } = this.options;
    if (request.vector.length !== dimension) throw new RangeError(`the vector has ${request.vector.length} dimensions`);
    if (!request.vector.every(Number.isFinite)) throw new RangeError('the query has a component that is not finite');
    if (!Number.isSafeInteger(request.k) || request.k < 1) throw new RangeError('k is out of range');
    const query = metric === 'cosine' ? toUnit(request.vector.slice()) : request.vector;
    const distance = distanceFor(metric);
    const hits = [...this.#vectors]
      .filter(([slot]) => isAllowed(request.allowed, slot))
      .map(([slot, vector]) => ({ slot, distance: distance(query, vector) }))
      .sort((a, b) => a.distance - b.distance || a.slot - b.slot)
      .slice(0, request.k);
    return {
      slots: Uint32Array.from(hits, (hit) => hit.slot),
      scores: Float32Array.from(hits, (hit) => scoreOf(metric, hit.distance)),
    };
  }

  async save(path: string): Promise<number> {
    this.#requireOpen();
    const bytes = encodeExactFile(this.options, this.#vectors);
    await writeFile(`${path}.tmp`, bytes, { flush: true });
    await rename(`${path}.tmp`, path);
    return bytes.length;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#vectors.clear();
  }

  #requireOpen(): void {
    if (this.#disposed) throw new Error('the segment is disposed');
  }
}

function isAllowed(allowed: SlotBitset, slot: number): boolean {
  return (((allowed[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
}
