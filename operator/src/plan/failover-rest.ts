/**
 * How long a shard rests after a failover before the next one, by what says that its primary is gone (ADR 0009). A rest keeps a shard from
 * being led by turns while connections come and go; where nothing is in doubt it would only be a pause.
 */
import type { Evidence, ObservedShard } from './observed-shard.ts';

export const restAfterFailoverMs = { certain: 0, closed: 10_000, silent: 30_000 } as const satisfies Record<Evidence, number>;

/** Milliseconds left. A primary that never served is no reason to rest: its failover has changed nothing for anybody. */
export function restLeftMs({ isFailedOver, hasServed, epochAgeMs }: ObservedShard, evidence: Evidence): number {
  if (!isFailedOver || !hasServed) return 0;
  return Math.max(0, restAfterFailoverMs[evidence] - epochAgeMs);
}
