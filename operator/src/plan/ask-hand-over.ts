import type { CopyInSync } from './observed-copies.ts';
import { soonest } from './soonest.ts';
import type { HandOverStep } from './step.ts';

/** The last hand-over that was asked for in the epoch in force, and came to nothing. */
export interface HandOverRefused {
  readonly agoMs: number;
  /** With those before it. */
  readonly times: number;
  readonly because: string;
}

/** After the first refusal; then twice as long each time. */
const firstPauseMs = 10_000;
const longestPauseMs = 300_000;

/** When it may be asked again; 0 for now. */
export function askAgainInMs(refused: HandOverRefused | undefined): number {
  if (refused === undefined) return 0;
  const pauseMs = Math.min(firstPauseMs * 2 ** (refused.times - 1), longestPauseMs);
  return Math.max(0, pauseMs - refused.agoMs);
}

/** Undefined when no shard waits to be asked again. */
export function nextAskMs(shards: readonly Pick<HandOverShard, 'handOverRefused'>[]): number | undefined {
  return soonest(shards.map(({ handOverRefused }) => askAgainInMs(handOverRefused)).filter((ms) => ms > 0));
}

/** What has to be known of a shard to ask its primary to go. */
export interface HandOverShard {
  readonly name: string;
  readonly epoch: number;
  readonly primary: { readonly node: string } | undefined;
  readonly inSync: readonly CopyInSync[];
  readonly isHandingOver: boolean;
  readonly handOverRefused: HandOverRefused | undefined;
}

export interface Leads {
  /** Who leads less is asked for first. */
  of(node: string): number;
}

const nobodyLeads: Leads = { of: () => 0 };

/** Undefined while nobody can be asked: it is asked already, it was asked in vain a moment ago, or no other copy is in sync and there. */
export function askHandOver(shard: HandOverShard, because: string, leads: Leads = nobodyLeads): HandOverStep | undefined {
  const { primary, inSync, isHandingOver, handOverRefused, name, epoch } = shard;
  if (isHandingOver || askAgainInMs(handOverRefused) > 0) return undefined;
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
