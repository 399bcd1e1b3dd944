/**
 * A primary that is gone: whether it is certain enough, and who leads instead. Safety does not rest on being right here, since only an
 * in-sync replica is ever named; an unneeded failover costs time.
 */
import { restAfterFailoverMs, restLeftMs } from './failover-rest.ts';
import { nextPrimary } from './next-primary.ts';
import { damageOf, whyNotLive, type Evidence, type ObservedMember, type ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/** Undefined: nothing is to be done about this primary. */
export function failOver(shard: ObservedShard, primary: ObservedMember): Decision | undefined {
  const gone = goneBecause(primary, shard.hasServed);
  if (gone.kind === 'no') return undefined;
  if (gone.kind === 'perhaps') return { ...gone, kind: 'wait', isServing: true };
  const successor = nextPrimary(shard, primary);
  if (successor === undefined) return noSuccessor(shard, primary, gone.because);
  const { epoch, name, inSync } = shard;
  const leftMs = restLeftMs(shard, gone.evidence);
  if (leftMs > 0) {
    const because = `${gone.because}, and ${successor.node} could take over, but the last failover was less than ${restAfterFailoverMs[gone.evidence] / 1000} s ago`;
    return { kind: 'wait', because, recheckAfterMs: leftMs };
  }
  return {
    kind: 'step',
    step: {
      kind: 'fail-over',
      object: name,
      epoch: epoch + 1,
      primary: successor.replicaId,
      node: successor.node,
      inSync: inSync.filter((replicaId) => replicaId !== primary.replicaId),
      because: `${gone.because}; ${successor.node} in ${successor.zone} is in sync`,
    },
  };
}

type Gone =
  | { readonly kind: 'no' }
  | { readonly kind: 'perhaps'; readonly because: string; readonly recheckAfterMs?: number; readonly isUntold: boolean }
  | { readonly kind: 'yes'; readonly because: string; readonly evidence: Evidence };

function goneBecause(primary: ObservedMember, hasServed: boolean): Gone {
  const { node, reachable, because, evidence = 'silent', seenByPeers, missedInMs, facts } = primary;
  const yes = (words: string): Gone => ({ kind: 'yes', because: words, evidence: reachable === 'missed' ? evidence : 'certain' });
  if (facts?.role === 'barred') return yes(`the primary on ${node} is barred: ${damageOf(facts)}`);
  // The process that led had the copy open; one that reports without it is another.
  if (reachable === 'yes' && facts === undefined && hasServed) {
    return yes(`the process of ${node}, which led, has started again and has not opened its copy yet`);
  }
  if (reachable === 'unknown' && missedInMs !== undefined) {
    return { kind: 'perhaps', because: `the connection to ${node} closed a moment ago`, recheckAfterMs: missedInMs, isUntold: true };
  }
  if (reachable !== 'missed') return { kind: 'no' };
  const missed = `the primary's node ${node} is missed: ${because ?? 'it does not answer'}`;
  if (evidence === 'certain') return yes(missed);
  if (seenByPeers === false) return yes(`${missed}, and an in-sync replica misses it too`);
  const why = seenByPeers === true ? 'but the in-sync replicas hear it' : 'but no in-sync replica says so too';
  return { kind: 'perhaps', because: `${missed}, ${why}`, isUntold: seenByPeers !== true };
}

function noSuccessor({ inSync, members }: ObservedShard, primary: ObservedMember, because: string): Decision {
  const others = members.filter(({ replicaId }) => inSync.includes(replicaId) && replicaId !== primary.replicaId);
  const set = [primary, ...others];
  if (set.every(isLost)) return { kind: 'lost', reason: 'CopyLost', because: whereLost(set) };
  const cannot = others.map((member) => `${member.node} (${whyNotLive(member) ?? 'it only follows'})`).join(', ');
  const rest = others.length === 0 ? 'no other copy is in sync' : `the other copies in sync cannot lead now: ${cannot}`;
  return {
    kind: 'wait',
    because: `${because}, and ${rest}; no other copy is named, since it may lack acknowledged writes; bring ${set.map(({ node }) => node).join(' or ')} back with its volume`,
  };
}

/** Its volume is gone, or what is on it is damaged: no process that starts again brings it back. */
function isLost({ isSuperseded, facts }: ObservedMember): boolean {
  return isSuperseded || facts?.role === 'barred';
}

/** Neither an empty copy nor a damaged one becomes primary in the place of one that held acknowledged writes. */
function whereLost(lost: readonly ObservedMember[]): string {
  const copies = lost.map(({ node, replicaId, facts }) =>
    facts?.role === 'barred'
      ? `copy ${replicaId} on ${node} is barred: ${damageOf(facts)}`
      : `${node} has an empty volume in the place of copy ${replicaId}`,
  );
  const which = copies.length === 1 ? 'it was the only copy in sync' : 'no other copy was in sync';
  return `${copies.join('; ')}; ${which}; what is left stays as it is: see the logs of ${lost.map(({ node }) => node).join(', ')}, bring an older volume back, or delete the collection and make it again`;
}
