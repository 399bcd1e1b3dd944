import { EntryMemory } from '../replica/entry-memory.ts';
import { PointCache } from '../shard/point-cache.ts';
import type { Tuning } from '../tuning.ts';

/** Memory that all replicas of a node share. */
export interface Caches {
  readonly points: PointCache;
  /** What followers and the applier want a moment after it was written. */
  readonly entries: EntryMemory;
}

export function createCaches({ pointCacheBytes, recentEntryBytes }: Tuning): Caches {
  return { points: new PointCache(pointCacheBytes), entries: new EntryMemory(recentEntryBytes) };
}
