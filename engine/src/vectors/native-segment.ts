import { nativeAddon } from './native-addon.ts';
import type { NativeOptions, NativeSegmentHandle } from './native-addon.ts';
import { SegmentFileError } from './vector-segment.ts';
import type { Metric, SegmentHits, SegmentOptions, SegmentSearch, VectorSegment } from './vector-segment.ts';

/** Both tables of numbers are part of the file format. */
const nativeMetrics: Readonly<Record<Metric, number>> = { cosine: 0, dot: 1, euclid: 2, manhattan: 3 };
const nativeTraversals: Readonly<Record<NonNullable<SegmentOptions['traversal']>, number>> = { float32: 0, int8: 1 };

/** An empty segment. Throws RangeError for options out of range, Error when the address space cannot be reserved. */
export function createSegment(options: SegmentOptions): VectorSegment {
  return new NativeSegment(options, nativeAddon.create(nativeOptions(options)));
}

/**
 * Reads a saved segment into memory, on the pool. Rejects with SegmentFileError when the file is truncated, damaged or was made with other
 * options, and with an Error of code SEGMENT_IO when it is absent or cannot be read.
 */
export async function openSegment(path: string, options: SegmentOptions): Promise<VectorSegment> {
  try {
    return new NativeSegment(options, await nativeAddon.open(path, nativeOptions(options)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SEGMENT_FILE') {
      throw new SegmentFileError(`segment ${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function nativeOptions(options: SegmentOptions): NativeOptions {
  const { dimension, metric, capacity, connectivity, expansionAdd, traversal = 'float32' } = options;
  if (!Object.hasOwn(nativeMetrics, metric)) throw new RangeError(`unknown metric ${metric}`);
  if (!Object.hasOwn(nativeTraversals, traversal)) throw new RangeError(`unknown traversal ${traversal}`);
  return { dimension, metric: nativeMetrics[metric], capacity, connectivity, expansionAdd, traversal: nativeTraversals[traversal] };
}

class NativeSegment implements VectorSegment {
  readonly options: SegmentOptions;
  readonly #handle: NativeSegmentHandle;

  constructor(options: SegmentOptions, handle: NativeSegmentHandle) {
    this.options = options;
    this.#handle = handle;
  }

  get count(): number {
    return this.#handle.count();
  }

  get indexedCount(): number {
    return this.#handle.indexedCount();
  }

  put(slots: Uint32Array, vectors: Float32Array): void {
    this.#handle.put(slots, vectors);
  }

  get(slot: number): Float32Array | undefined {
    return this.#handle.get(slot);
  }

  index(limit: number): Promise<number> {
    return this.#handle.index(limit);
  }

  search(request: SegmentSearch): Promise<SegmentHits> {
    return this.#handle.search(request);
  }

  save(path: string): Promise<number> {
    return this.#handle.save(path);
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}
