import { createRequire } from 'node:module';
import type { SegmentHits, SegmentSearch } from './vector-segment.ts';

/** What `engine/native/binding.cc` takes; metric and traversal as in `native-segment.ts`. */
export interface NativeOptions {
  readonly dimension: number;
  readonly metric: number;
  readonly capacity: number;
  readonly connectivity: number;
  readonly expansionAdd: number;
  readonly traversal: number;
}

/** `engine/native/segment_object.cc`; every method throws when the segment is disposed. */
export interface NativeSegmentHandle {
  put(slots: Uint32Array, vectors: Float32Array): void;
  get(slot: number): Float32Array | undefined;
  index(limit: number): Promise<number>;
  search(request: SegmentSearch): Promise<SegmentHits>;
  save(path: string): Promise<number>;
  count(): number;
  indexedCount(): number;
  dispose(): void;
}

interface NativePackedRows {
  readonly bytes: number;
  readonly rows: number;
  /** Key of the first row that found no room, and what it takes. */
  readonly next: Buffer | undefined;
  readonly nextBytes: number;
}

interface NativeAddon {
  readonly create: (options: NativeOptions) => NativeSegmentHandle;
  readonly open: (path: string, options: NativeOptions) => Promise<NativeSegmentHandle>;
  /** `engine/native/rocks_rows.hpp`. Iterator and memory are not to be used, nor let go of, until it settles. */
  readonly packRows: (library: string, iterator: ArrayBuffer, into: Buffer, omitted: number, rows: number) => Promise<NativePackedRows>;
  /** Whether rows can be packed with that library, which another package has loaded. */
  readonly canPackRows: (library: string) => boolean;
  /** `engine/native/sha256_job.hpp`; absent where node keeps its OpenSSL for itself. */
  readonly sha256?: (bytes: Buffer) => Promise<Buffer>;
  /** Threads of the pool. */
  readonly threads: number;
  /** The instruction set in use: avx512, avx2, neon or portable. */
  readonly kernels: string;
}

function loadAddon(): NativeAddon {
  try {
    // By its package's name: where this source is bundled, another folder is its own.
    const addon: NativeAddon = createRequire(import.meta.url)('@vectorcluster/engine/build/engine.node');
    return addon;
  } catch (cause) {
    throw new Error('the native engine cannot be loaded: run `make build` in the root of the repository', { cause });
  }
}

export const nativeAddon: NativeAddon = loadAddon();
