/**
 * A primary that was named and does not know: its node is alive to the operator and to its peers, and cannot see the VectorShard. Nobody
 * leads then, for as long as that lasts.
 */
import { liveInSync, type ObservedMember, type ObservedShard } from './observed-shard.ts';
import { bestOf } from './next-primary.ts';
import type { Decision } from './shard-decision.ts';

/** Watches bring an epoch within milliseconds, and a busy API server within a second or two. */
export const awareWithinMs = 5_000;

/**
 * Another leads that does know, so that this cannot go on from one such node to the next. The one that does not stays in sync: it holds
 * what it acknowledged, and learns of the new epoch from its primary.
 */
export function replaceUnaware(shard: ObservedShard, primary: ObservedMember): Decision | undefined {
  const { epoch, epochAgeMs, name, inSync, hasServed } = shard;
  const { facts, reachable, node } = primary;
  if (hasServed || reachable !== 'yes' || facts === undefined || facts.epoch >= epoch) return undefined;
  const because = `${node} was named primary of epoch ${epoch} and knows epoch ${facts.epoch} only: it may not reach the API server`;
  if (epochAgeMs < awareWithinMs) return { kind: 'wait', because, recheckAfterMs: awareWithinMs - epochAgeMs, isUntold: true };
  const aware = liveInSync(shard).filter((member) => member.reachable === 'yes' && (member.facts?.epoch ?? 0) >= epoch);
  const next = bestOf(shard, aware, primary);
  if (next === undefined) return { kind: 'wait', because: `${because}, nor does any other copy in sync know more` };
  return {
    kind: 'step',
    step: {
      kind: 'name-another',
      object: name,
      epoch: epoch + 1,
      primary: next.replicaId,
      node: next.node,
      inSync,
      because: `${because}; ${next.node} is in sync and knows it`,
    },
  };
}
