/**
 * The life of a shard as far as the operator decides it: the first primary, another one when it is gone or asked to go, a new epoch when
 * its process has started again or it does not know that it leads, entries of copies that are gone.
 *
 * Only the operator raises an epoch, by one, always on a fresh read, and names nobody but a replica in sync: what was acknowledged is
 * there. One decision per file; the first that has something to say is taken.
 */
import { appointPrimary } from './appoint-primary.ts';
import { replaceCutOff } from './cut-off-primary.ts';
import { failOver } from './fail-over.ts';
import { handOver } from './hand-over.ts';
import { setMinInSync } from './min-in-sync.ts';
import { primaryOf, type ObservedShard } from './observed-shard.ts';
import { olderStatus, statusLost } from './older-status.ts';
import { removeMembers } from './remove-members.ts';
import { restartPrimary } from './restart-primary.ts';
import { servingOf } from './serving.ts';
import { shardConditions } from './shard-conditions.ts';
import type { Decision } from './shard-decision.ts';
import { soonest } from './soonest.ts';
import { progressLookMs, standstillAfterMs } from './standstill.ts';
import type { Plan, ShardStep } from './step.ts';

export function planShard(shard: ObservedShard): Plan<ShardStep> {
  const decision = decide(shard);
  const steps = decision?.kind === 'step' ? [decision.step] : [...setMinInSync(shard), ...(isLed(decision) ? removeMembers(shard) : [])];
  return {
    steps,
    conditions: shardConditions(shard, decision ?? servingOf(shard), steps),
    recheckAfterMs: soonest([decision?.kind === 'wait' ? decision.recheckAfterMs : undefined, nextProgressMs(shard)]),
  };
}

/** While nobody leads, whatever copy there is may be all that is left: nodes delete what no entry names. */
function isLed(decision: Decision | undefined): boolean {
  return decision === undefined || (decision.kind === 'wait' && decision.isServing === true);
}

/** A copy that stands still is told. */
function nextProgressMs({ members }: ObservedShard): number | undefined {
  return members.some(({ standstillMs = Infinity }) => standstillMs < standstillAfterMs) ? progressLookMs : undefined;
}

/** Undefined: the shard is led, and nothing is to be decided about who leads it. */
function decide(shard: ObservedShard): Decision | undefined {
  const older = olderStatus(shard);
  if (older !== undefined) return older;
  if (shard.epoch === 0) return appointPrimary(shard);
  const primary = primaryOf(shard);
  if (primary === undefined) return statusLost(`nobody knows who leads epoch ${shard.epoch}`);
  const goingOn = [failOver(shard, primary), restartPrimary(shard, primary), replaceCutOff(shard, primary), handOver(shard, primary)];
  return (
    goingOn.find((decision) => decision?.kind === 'step' || decision?.kind === 'lost') ?? goingOn.find((decision) => decision !== undefined)
  );
}
