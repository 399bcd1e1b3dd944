/**
 * One segment of one vector of one replica: a slab of vectors by slot and an HNSW graph over them, in native memory.
 *
 * Slots are 0 to capacity − 1, filled in ascending order but with gaps allowed (a row may lack this vector). A vector is searchable
 * as soon as `put` returns: slots that are not in the graph yet are scanned exactly and merged with the graph's answer.
 * Deleting is the caller's: `allowed` says which slots may be returned.
 */
export type Metric = 'cosine' | 'dot' | 'euclid' | 'manhattan';

export interface SegmentOptions {
  readonly dimension: number;
  readonly metric: Metric;
  /** Slots; memory is reserved, not touched, up front. */
  readonly capacity: number;
  /** Edges per graph node. */
  readonly connectivity: number;
  /** Candidates looked at while adding to the graph. */
  readonly expansionAdd: number;
  /**
   * What the graph is walked with, float32 when left out. int8 keeps a second copy at a quarter of the size for the walk and measures the
   * best candidates again from the float32 vectors: the same recall for less time. Not for manhattan (RangeError).
   */
  readonly traversal?: 'float32' | 'int8';
}

/** One bit per slot, little-endian in 32-bit words: bit `slot & 31` of word `slot >> 5`; words beyond the end are zero. */
export type SlotBitset = Uint32Array;

export interface SegmentSearch {
  readonly vector: Float32Array;
  readonly k: number;
  /** Candidates kept during graph search, at least k. */
  readonly expansion: number;
  /** Scan every allowed slot instead of the graph. */
  readonly exact: boolean;
  /** Slots that may be returned. */
  readonly allowed: SlotBitset;
  /** Number of set bits in `allowed`: lets the segment choose scanning when few are. */
  readonly allowedCount: number;
}

/** Best first. Scores as the public API shows them: similarity for cosine and dot, distance for euclid (rooted) and manhattan. */
export interface SegmentHits {
  readonly slots: Uint32Array;
  readonly scores: Float32Array;
}

export interface VectorSegment extends Disposable {
  readonly options: SegmentOptions;
  /** Stored vectors; cosine vectors are normalised when put, zero vectors stay zero. */
  readonly count: number;
  /** Vectors in the graph; the others are scanned. */
  readonly indexedCount: number;
  /** Copies `slots.length` vectors, row-major in `vectors`. Throws RangeError for a slot out of capacity or already filled. */
  put(slots: Uint32Array, vectors: Float32Array): void;
  /** The stored vector (normalised for cosine), or undefined for an empty slot. */
  get(slot: number): Float32Array | undefined;
  /** Adds up to `limit` vectors that are not in the graph to it, on the pool; resolves to how many are still left. */
  index(limit: number): Promise<number>;
  search(request: SegmentSearch): Promise<SegmentHits>;
  /** Writes slab and graph to one file with checksums: temporary name, sync, rename. Resolves to its size in bytes. */
  save(path: string): Promise<number>;
}

/** The file is truncated, damaged or was made with other options; the caller rebuilds from documents. */
export class SegmentFileError extends Error {
  override readonly name = 'SegmentFileError';
}
