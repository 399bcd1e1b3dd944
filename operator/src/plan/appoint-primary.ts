/** The first primary: when which copies have registered, and who of them leads. */
import type { ObservedShard } from './observed-shard.ts';
import type { Decision } from './shard-decision.ts';

/** A node that is there and does not register keeps the others waiting no longer than this. */
const patienceMs = 10_000;

/**
 * All copies are empty, so those that registered are in sync with each other; who comes later is taken in by the primary. The first of
 * the assignments leads if it is there: placement spread primaries by that order.
 */
export function appointPrimary(shard: ObservedShard): Decision {
  const { assignments, members, expected, ageMs, epoch, wanted, name } = shard;
  const voters = assignments.filter(({ kind }) => kind === 'Voter').map(({ node }) => node);
  const registered = voters.flatMap((node) => {
    const candidates = members.filter((member) => member.node === node && member.kind === 'Voter' && !member.isSuperseded);
    const newest = candidates.at(-1);
    return newest === undefined || newest.reachable === 'missed' || newest.facts?.role === 'barred' ? [] : [newest];
  });
  const [first] = registered;
  const missing = voters.filter((node) => !registered.some((member) => member.node === node));
  if (first === undefined) return { kind: 'wait', because: `${missing.join(', ')} has not registered a copy yet` };
  if (expected.length > 0 && ageMs < patienceMs) {
    return { kind: 'wait', because: `${expected.join(', ')} has not registered a copy yet`, recheckAfterMs: patienceMs - ageMs };
  }
  const who = registered.map(({ node }) => node).join(', ');
  const others = missing.length > 0 ? `, ${missing.join(', ')} not yet` : '';
  return {
    kind: 'step',
    step: {
      kind: 'appoint-primary',
      object: name,
      epoch: epoch + 1,
      primary: first.replicaId,
      node: first.node,
      inSync: registered.map(({ replicaId }) => replicaId),
      minInSync: wanted.minInSync,
      because: registered.length === 1 && others === '' ? `${who} registered the first copy` : `${who} registered copies${others}`,
    },
  };
}
