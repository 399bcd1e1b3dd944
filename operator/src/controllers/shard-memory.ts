/**
 * What this process remembers of shards because it watched them: a restart loses it, which costs time and never data.
 *
 * Ages count on its own monotonic clock. The times in an object are of somebody's wall clock, which may differ and may be set: they only say
 * how old a condition was when it was first seen here, and never more than the time since it was seen to be otherwise.
 */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { progressLookMs } from '../plan/standstill.ts';

interface SeenCondition {
  readonly stamp: string;
  readonly since: number;
  readonly lookedAt: number;
}

interface Refusals {
  readonly epoch: number;
  /** When the newest was written. */
  readonly newest: string;
  readonly times: number;
}

interface SeenPosition {
  readonly position: string;
  readonly since: number;
  readonly lookedAt: number;
}

/** Copies that are being made are looked at more often; one that was not looked at for so long was in sync or away. */
const longestBetweenLooksMs = 3 * progressLookMs;

interface Remembered {
  /** By copy. */
  readonly positions: Map<string, SeenPosition>;
  readonly conditions: Map<string, SeenCondition>;
  refusals: Refusals | undefined;
}

export class ShardMemory {
  readonly #now: () => number;
  /** By UID. */
  readonly #shards = new Map<string, Remembered>();

  /** `now`: milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** For how long the condition has been what it is, ms. `date` is the wall clock now. */
  ageMs({ metadata }: VectorShard, condition: Condition, date: Date): number {
    const { conditions } = this.#of(metadata.uid ?? '');
    const now = this.#now();
    const before = conditions.get(condition.type);
    const stamp = `${condition.lastTransitionTime} ${condition.status} ${condition.message}`;
    const longest = before === undefined ? Infinity : now - before.lookedAt;
    const since = before?.stamp === stamp ? before.since : now - Math.min(writtenMsAgo(condition, date), longest);
    conditions.set(condition.type, { stamp, since, lookedAt: now });
    return now - since;
  }

  /** How often hand-overs that were asked for in the epoch in force came to nothing. */
  handOverRefusals({ metadata, status }: VectorShard): number {
    const remembered = this.#of(metadata.uid ?? '');
    const epoch = status?.epoch ?? 0;
    const handOver = status?.conditions?.find(({ type }) => type === 'HandOver');
    const before = remembered.refusals?.epoch === epoch ? remembered.refusals : { epoch, newest: '', times: 0 };
    const isNew = handOver?.reason === 'Refused' && handOver.lastTransitionTime !== before.newest;
    remembered.refusals = isNew ? { epoch, newest: handOver.lastTransitionTime, times: before.times + 1 } : before;
    return remembered.refusals.times;
  }

  /** For how long a copy that is being made has been where it is, ms. */
  standstillMs({ metadata }: VectorShard, copy: string, position: string): number {
    const { positions } = this.#of(metadata.uid ?? '');
    const before = positions.get(copy);
    const now = this.#now();
    const isSame = before?.position === position && now - before.lookedAt <= longestBetweenLooksMs;
    const since = isSame ? before.since : now;
    positions.set(copy, { position, since, lookedAt: now });
    return now - since;
  }

  forget({ metadata }: VectorShard): void {
    this.#shards.delete(metadata.uid ?? '');
  }

  #of(uid: string): Remembered {
    const known = this.#shards.get(uid) ?? { positions: new Map(), conditions: new Map(), refusals: undefined };
    this.#shards.set(uid, known);
    return known;
  }
}

/** Never below 0: the clock that wrote it may be ahead of this one. Times of Kubernetes are cut to seconds: up to a second too large. */
function writtenMsAgo({ lastTransitionTime }: Condition, date: Date): number {
  const ms = date.getTime() - Date.parse(lastTransitionTime);
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0);
}
