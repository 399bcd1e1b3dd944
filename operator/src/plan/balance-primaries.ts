/**
 * Primaries that failovers and rollouts left on few nodes go back to where there are fewer, one at a time and only while the cluster is
 * at rest. A hand-over from a node to one that leads at least two fewer lowers the sum of the squares, so this ends and never goes back.
 */
import { askHandOver } from './ask-hand-over.ts';
import type { CopyLedger } from './copy-ledger.ts';
import type { ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { soonest } from './soonest.ts';
import type { HandOverStep } from './step.ts';

/** A shard whose epoch is younger is left where it is. */
export const restBeforeBalanceMs = 60_000;

export function balancePrimaries({ shards, isAtRest }: ObservedCopies, ledger: CopyLedger): HandOverStep | undefined {
  if (!isAtRest || shards.some(({ isHandingOver }) => isHandingOver)) return undefined;
  const leads = Map.groupBy(shards, ({ primary }) => primary?.node ?? '');
  const leadsOf = (node: string): number => leads.get(node)?.length ?? 0;
  for (const shard of shards.toSorted(
    (a, b) => leadsOf(b.primary?.node ?? '') - leadsOf(a.primary?.node ?? '') || (a.name < b.name ? -1 : 1),
  )) {
    if (!isCalm(shard)) continue;
    const from = shard.primary?.node ?? '';
    const idler = shard.inSync.filter(
      ({ node, isThere, isGoing }) => isThere && !isGoing && !ledger.isAway(node) && leadsOf(node) <= leadsOf(from) - 2,
    );
    if (idler.length === 0) continue;
    const because = `${from} leads ${leadsOf(from)} shards, and others that have a copy lead fewer`;
    const step = askHandOver({ ...shard, inSync: idler }, because, { of: leadsOf });
    if (step !== undefined) return step;
  }
  return undefined;
}

/** When a shard that is too young now will be old enough. */
export function nextBalanceMs({ shards, isAtRest }: ObservedCopies): number | undefined {
  if (!isAtRest) return undefined;
  return soonest(shards.map(({ epochAgeMs }) => restBeforeBalanceMs - epochAgeMs).filter((ms) => ms > 0));
}

function isCalm({ epochAgeMs, inSync, wanted, primary }: ObservedCopiesOfShard): boolean {
  return epochAgeMs >= restBeforeBalanceMs && primary?.isThere === true && inSync.length >= wanted.replicationFactor && inSync.length > 1;
}
