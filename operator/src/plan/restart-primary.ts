import { nextPrimary } from './next-primary.ts';
import type { ObservedMember, ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/**
 * The primary's process has started again. It never acts in an epoch that it has seen, so a new one begins: with another live in-sync
 * replica if there is one, which serves at once, else with itself. It stays in sync: what it acknowledged it holds durably.
 */
export function restartPrimary(shard: ObservedShard, primary: ObservedMember): Decision | undefined {
  const { epoch, name, inSync } = shard;
  if (primary.eligibleFromEpoch <= epoch) return undefined;
  const next = nextPrimary(shard, primary) ?? primary;
  if (next.reachable === 'missed') return undefined;
  const started = `${primary.node} has started again and may be primary from epoch ${primary.eligibleFromEpoch} on`;
  return {
    kind: 'step',
    step: {
      kind: 'raise-epoch',
      object: name,
      epoch: epoch + 1,
      primary: next.replicaId,
      node: next.node,
      inSync,
      because: next === primary ? started : `${started}; ${next.node} is in sync and serves meanwhile`,
    },
  };
}
