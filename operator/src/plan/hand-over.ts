/**
 * The rest of a hand-over that was asked for in `status.handOff`: name the target once the primary has said that it holds everything,
 * or take the question back. Who asks is elsewhere; that it is asked harms nothing.
 */
import { memberOf, whyNotLive, type ObservedMember, type ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/** A primary drains within a second; one that did not say so by then will not. */
export const handOverDeadlineMs = 5000;

export function handOver(shard: ObservedShard, primary: ObservedMember): Decision | undefined {
  const { handOff, name, epoch, inSync, handOffAskedMs = 0 } = shard;
  if (handOff === undefined) return undefined;
  const target = memberOf(shard, handOff.target);
  const refusal = refusalOf(shard, target);
  if (refusal !== undefined || target === undefined) return withdraw(name, refusal ?? 'the target is no member');
  const { facts } = primary;
  if (facts?.drainedTo === target.replicaId && facts.epoch === epoch) {
    return {
      kind: 'step',
      step: {
        kind: 'hand-over',
        object: name,
        epoch: epoch + 1,
        primary: target.replicaId,
        node: target.node,
        inSync,
        because: `${primary.node} was asked to hand over, and ${target.node} holds everything`,
      },
    };
  }
  if (handOffAskedMs >= handOverDeadlineMs) {
    const who = facts === undefined ? `${primary.node} does not report` : `${primary.node} did not drain`;
    return withdraw(name, `${who} within ${handOverDeadlineMs / 1000} s of being asked to hand over to ${target.node}`);
  }
  return {
    kind: 'wait',
    because: `${primary.node} drains to hand over to ${target.node}`,
    recheckAfterMs: handOverDeadlineMs - handOffAskedMs,
    isServing: true,
  };
}

function refusalOf(shard: ObservedShard, target: ObservedMember | undefined): string | undefined {
  const { handOff, epoch, primary, inSync } = shard;
  if (handOff?.epoch !== epoch) return `it was asked in epoch ${handOff?.epoch}, and this is epoch ${epoch}`;
  if (target === undefined) return `the target ${handOff.target} is no member`;
  if (target.replicaId === primary) return `${target.node} is the primary already`;
  if (!inSync.includes(target.replicaId)) return `${target.node} is not in sync any more`;
  const cannot = whyNotLive(target);
  return cannot === undefined ? undefined : `${target.node} cannot lead: ${cannot}`;
}

function withdraw(object: string, because: string): Decision {
  return { kind: 'step', step: { kind: 'withdraw-hand-over', object, because } };
}
