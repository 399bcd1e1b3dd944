import type { CopyInSync } from './observed-copies.ts';
import type { HandOverStep } from './step.ts';

/** A primary that refused is asked again after this. */
export const handOverPauseMs = 30_000;

/** What has to be known of a shard to ask its primary to go. */
export interface HandOverShard {
  readonly name: string;
  readonly epoch: number;
  readonly primary: { readonly node: string } | undefined;
  readonly inSync: readonly CopyInSync[];
  readonly isHandingOver: boolean;
  readonly handOverRefusedMs: number | undefined;
}

export interface Leads {
  /** Who leads less is asked for first. */
  of(node: string): number;
}

const nobodyLeads: Leads = { of: () => 0 };

/** Undefined while nobody can be asked: it is asked already, it refused a moment ago, or no other copy is in sync and there. */
export function askHandOver(shard: HandOverShard, because: string, leads: Leads = nobodyLeads): HandOverStep | undefined {
  const { primary, inSync, isHandingOver, handOverRefusedMs = handOverPauseMs, name, epoch } = shard;
  if (isHandingOver || handOverRefusedMs < handOverPauseMs) return undefined;
  const [target] = inSync
    .filter(({ node, isThere }) => isThere && node !== primary?.node)
    .toSorted((a, b) => leads.of(a.node) - leads.of(b.node) || (a.node < b.node ? -1 : 1));
  if (target === undefined) return undefined;
  return {
    kind: 'ask-hand-over',
    object: name,
    epoch,
    target: target.replicaId,
    node: target.node,
    because: `${because}; ${target.node} is in sync`,
  };
}
