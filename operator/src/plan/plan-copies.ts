/**
 * Which nodes should hold which copies, for shards that exist: as many as their collections ask for now, none on nodes that are lost.
 *
 * One change of a shard at a time, and never one that takes a copy in sync while fewer than minInSync others are. Nothing is decided
 * about a shard whose primary is not there: that is for failover. Only copies of one zone are made up for at once, so that a zone that
 * is cut off, and comes back, has not been copied twice over.
 */
import { askHandOver, nextAskMs } from './ask-hand-over.ts';
import { balancePrimaries, nextBalanceMs } from './balance-primaries.ts';
import { CopyLedger } from './copy-ledger.ts';
import { growShard } from './grow-shard.ts';
import { finishMove, leaveNode } from './move-copy.ts';
import type { ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { rebalanceCopies } from './rebalance-copies.ts';
import { repairShard, zoneToRepair } from './repair-shard.ts';
import { shrinkShard } from './shrink-shard.ts';
import { soonest } from './soonest.ts';
import { nextProgressMs } from './standstill.ts';
import type { CopiesStep } from './step.ts';

export interface CopiesPlan {
  readonly steps: readonly CopiesStep[];
  readonly recheckAfterMs: number | undefined;
}

export function planCopies(observed: ObservedCopies): CopiesPlan {
  const ledger = new CopyLedger(observed);
  const shards = observed.shards.filter(isKnown).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const zone = zoneToRepair(shards, ledger);
  const emptied = nextToEmpty(observed);
  const steps = shards.flatMap((shard): readonly CopiesStep[] => {
    const repair = () => repairShard(shard, ledger, zone);
    const leave = () => (emptied === undefined ? undefined : leaveNode(shard, ledger, emptied));
    const change = () => repair() ?? finishMove(shard, ledger) ?? shrinkShard(shard, ledger) ?? growShard(shard, ledger) ?? leave();
    const step = unwantedPrimary(shard, ledger) ?? (isSettled(shard) ? change() : isLedFromOutside(shard) ? repair() : undefined);
    return step === undefined ? [] : [step];
  });
  const rebalance = steps.length > 0 ? [] : rebalanceCopies({ ...observed, shards }, ledger);
  const balance = steps.length + rebalance.length > 0 ? undefined : balancePrimaries({ ...observed, shards }, ledger);
  const unwanted = shards.filter((shard) => unwantedBecause(shard) !== undefined);
  const rechecks = [nextGraceMs(observed), nextBalanceMs(observed), nextAskMs(unwanted), nextProgressMs(shards)];
  return {
    steps: [...steps, ...rebalance, ...(balance === undefined ? [] : [balance])],
    recheckAfterMs: soonest(rechecks),
  };
}

/** One at a time: the first that leaves and still has copies. */
function nextToEmpty({ leaving, shards }: ObservedCopies): string | undefined {
  return leaving.find((name) => shards.some(({ assignments }) => assignments.some(({ node }) => node === name)));
}

/** What a status that was set back says of its copies is not so any more, and each of them may be the one that is needed. */
function isKnown({ epoch, epochSeen }: ObservedCopiesOfShard): boolean {
  return epochSeen <= epoch;
}

/** A primary never takes itself out of the set, and one whose Pod is going should not take its clients by surprise. */
function unwantedPrimary(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const because = unwantedBecause(shard);
  if (because === undefined) return undefined;
  const steady = shard.inSync.filter(({ isGoing }) => !isGoing);
  // Who only may go hands over to who does not, or machines that are all cordoned would hand over in circles.
  const inSync = shard.primary?.going?.isSure === false || steady.some(({ isThere }) => isThere) ? steady : shard.inSync;
  return askHandOver({ ...shard, inSync }, because, ledger.leads);
}

function unwantedBecause(shard: ObservedCopiesOfShard): string | undefined {
  const { primary } = shard;
  if (primary?.going !== undefined) return primary.going.because;
  return isLedFromOutside(shard) ? `no copy is assigned to ${primary?.node} any more` : undefined;
}

/** It leads until a copy that is assigned can; when all those are lost, others must come in their place. */
function isLedFromOutside({ primary, assignments }: ObservedCopiesOfShard): boolean {
  return primary?.isThere === true && !assignments.some(({ node, kind }) => node === primary.node && kind === 'Voter');
}

/** It is led, or nothing was ever written; and a copy that was dropped before is out of the set. */
function isSettled({ epoch, primary, assignments, inSync }: ObservedCopiesOfShard): boolean {
  if (epoch === 0) return true;
  if (primary?.isThere !== true) return false;
  return inSync.every(({ node }) => assignments.some((assignment) => assignment.node === node && assignment.kind === 'Voter'));
}

/** When the next node that is away will be taken for lost. */
function nextGraceMs({ nodes, gracePeriodMs }: ObservedCopies): number | undefined {
  return soonest(nodes.map(({ awayMs }) => (awayMs === undefined || awayMs >= gracePeriodMs ? undefined : gracePeriodMs - awayMs)));
}
