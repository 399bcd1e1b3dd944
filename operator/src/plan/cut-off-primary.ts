/**
 * A primary whose node is alive to the operator and to its peers, and does not reach the API server. Named, it does not know that it is to
 * lead. Leading, it serves while all its copies live, and cannot take a lost one out of the in-sync set, for which writes then wait.
 */
import { bestOf } from './next-primary.ts';
import { liveInSync, memberOf, type ObservedMember, type ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/** Watches bring an epoch within milliseconds, and a busy API server within a second or two. */
export const awareWithinMs = 5_000;

/** A primary that reaches the API server takes a lost copy out within 4 s. */
export const shrinksWithinMs = 10_000;

/** An epoch this young is left alone: whoever leads it may be about to, and what stops one primary may stop the next. */
export const settledAfterMs = 30_000;

/**
 * Another leads that does see the object, so that this cannot go on from one such node to the next. The old one stays in sync: it holds what
 * it acknowledged, and learns of the new epoch from its primary.
 */
export function replaceCutOff(shard: ObservedShard, primary: ObservedMember): Decision | undefined {
  if (primary.reachable !== 'yes' || primary.facts === undefined) return undefined;
  const { because, afterMs } = unaware(shard, primary.node, primary.facts.epoch) ?? stuck(shard, primary) ?? {};
  if (because === undefined || afterMs === undefined) return undefined;
  if (afterMs > 0) return { kind: 'wait', because, recheckAfterMs: afterMs, isUntold: true, isServing: shard.hasServed };
  const { epoch, name, inSync } = shard;
  const aware = liveInSync(shard).filter((member) => member.reachable === 'yes' && (member.facts?.epoch ?? 0) >= epoch);
  const next = bestOf(shard, aware, primary);
  if (next === undefined) return { kind: 'wait', because: `${because}; no other copy in sync can lead`, isServing: shard.hasServed };
  return {
    kind: 'step',
    step: {
      kind: 'name-another',
      object: name,
      epoch: epoch + 1,
      primary: next.replicaId,
      node: next.node,
      inSync,
      because: `${because}; ${next.node} is in sync and knows the epoch`,
    },
  };
}

interface CutOff {
  readonly because: string;
  /** When it is certain enough. */
  readonly afterMs: number;
}

function unaware({ epoch, epochAgeMs, hasServed }: ObservedShard, node: string, epochKnown: number): CutOff | undefined {
  if (hasServed || epochKnown >= epoch) return undefined;
  const because = `${node} was named primary of epoch ${epoch} and knows epoch ${epochKnown} only: it may not reach the API server`;
  return { because, afterMs: Math.max(0, awareWithinMs - epochAgeMs) };
}

function stuck(shard: ObservedShard, { node }: ObservedMember): CutOff | undefined {
  const { inSync, hasServed, epochAgeMs, primary } = shard;
  if (!hasServed) return undefined;
  const waits = inSync.flatMap((replicaId) => {
    const member = memberOf(shard, replicaId);
    return replicaId === primary || member?.missedMs === undefined ? [] : [{ node: member.node, missedMs: member.missedMs }];
  });
  const [longest] = waits.toSorted((a, b) => b.missedMs - a.missedMs);
  if (longest === undefined) return undefined;
  const because = `${node} leads and has not taken ${longest.node}, which is missed, out of the in-sync set: it may not reach the API server`;
  return { because, afterMs: Math.max(0, shrinksWithinMs - longest.missedMs, settledAfterMs - epochAgeMs) };
}
