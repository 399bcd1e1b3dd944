/** From what a node may use to how much of it each part takes. The heap is V8's own choice by the same limit; vectors take what they need. */

const mebibyte = 1024 * 1024;

export interface Limits {
  /** Undefined where nothing limits the container. */
  readonly memoryBytes: number | undefined;
  /** Processors that the process may keep busy; a limit of 1500m is 1. */
  readonly processors: number;
}

export interface Tuning {
  /** Points as clients get them, in memory. */
  readonly pointCacheBytes: number;
  /** Entries that followers and the applier want a moment after they were written. */
  readonly recentEntryBytes: number;
  /** Of the engine, for searches and graphs. */
  readonly engineThreads: number;
  /** Of the process, for files, documents and compression. */
  readonly ioThreads: number;
}

/** Below, the process would be killed as soon as it holds anything. */
export const memoryBytesMin = 384 * mebibyte;

/** So that a node without a limit does not take a machine for its own that others use too. */
const memoryBytesAssumed = 4096 * mebibyte;

export class TuningError extends Error {
  override readonly name = 'TuningError';
}

/** Throws TuningError, which says what to raise. */
export function tuningFor({ memoryBytes, processors }: Limits): Tuning {
  if (memoryBytes !== undefined && memoryBytes < memoryBytesMin) {
    throw new TuningError(
      `a memory limit of ${Math.floor(memoryBytes / mebibyte)}Mi is too small for a storage node: raise resources.limits.memory of the pool to ${memoryBytesMin / mebibyte}Mi at least`,
    );
  }
  const memory = memoryBytes ?? memoryBytesAssumed;
  return {
    pointCacheBytes: between(16 * mebibyte, memory / 16, 2048 * mebibyte),
    recentEntryBytes: between(8 * mebibyte, memory / 64, 256 * mebibyte),
    engineThreads: between(1, processors, 256),
    ioThreads: between(4, 2 * processors, 64),
  };
}

function between(least: number, value: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
