import type { ObservedShard } from './observed-shard.ts';
import type { ShardStep } from './step.ts';

/** What is asked for comes into force: lower at once, higher as soon as it stops no write. */
export function setMinInSync({ name, minInSync, wanted, inSync }: ObservedShard): readonly ShardStep[] {
  const next = wanted.minInSync;
  if (minInSync === undefined || minInSync === next) return [];
  if (next > minInSync && inSync.length < next) return [];
  const because =
    next < minInSync ? 'that is what the collection asks for' : `${inSync.length} copies are in sync, as many as the collection asks for`;
  return [{ kind: 'set-min-in-sync', object: name, minInSync: next, because }];
}
