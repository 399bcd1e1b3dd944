import { primaryOf, type ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

export type Serving = { readonly kind: 'serving'; readonly node: string } | Extract<Decision, { kind: 'wait' }>;

/** Whether the primary serves, by its own report; by its Pod where there is none. */
export function servingOf(shard: ObservedShard): Serving {
  const primary = primaryOf(shard);
  if (primary === undefined) return { kind: 'wait', because: 'there is no primary' };
  const { node, facts, because, isPodReady } = primary;
  if (facts !== undefined && primary.reachable === 'yes') {
    if (facts.role === 'leading' && facts.epoch === shard.epoch && facts.serves) return { kind: 'serving', node };
    if (facts.epoch < shard.epoch || facts.role !== 'leading') {
      return { kind: 'wait', because: `${node} has not taken the lead of epoch ${shard.epoch} yet` };
    }
    return { kind: 'wait', because: `${node} leads and does not serve yet: ${facts.because ?? 'it is about to'}` };
  }
  if (primary.reachable === 'yes') return { kind: 'wait', because: `${node} has not opened its copy yet` };
  return isPodReady ? { kind: 'serving', node } : { kind: 'wait', because: because ?? `${node} is not Ready` };
}
