/** What is committed, from what everyone holds; and when every in-sync replica shows it. */
import type { Effect, Step } from './effects.ts';
import type { Leader, Leading } from './replica.ts';
import type { Rules } from './rules.ts';

/** Everyone who is in a set that may be in force, this replica among them. */
export function membersInForce(rules: Rules, role: Leading): readonly string[] {
  return [...new Set(rules.setsInForce(role).flat())];
}

/** Who has to hold and show an entry: whoever is or may be in sync, and who is about to be. To wait for more is always safe. */
export function waitedFor(rules: Rules, role: Leading): readonly string[] {
  const candidates = Array.from(role.peers).flatMap(([replicaId, { candidacy }]) => (candidacy === 'waited-for' ? [replicaId] : []));
  return [...new Set([...membersInForce(rules, role), ...candidates])];
}

/** The one place that says when a write is committed. */
export function advanceCommit(rules: Rules, leader: Leader): Step<Leader> {
  const { role, replicaId } = leader;
  const { minInSync } = role.configuration;
  if (role.phase === 'adopting' || rules.setsInForce(role).some((set) => set.length < minInSync)) return [leader, []];
  const held = waitedFor(rules, role).map((member) =>
    member === replicaId ? rules.ownCopy(leader, role) : (role.peers.get(rules.progressOf(member, role))?.matched ?? 0n),
  );
  const committed = rules.committable(held, leader, role);
  if (committed <= leader.committed) return [leader, []];
  const effects: readonly Effect[] = [
    { kind: 'apply', upTo: committed },
    { kind: 'answer-writes', upTo: committed, level: 'committed' },
  ];
  return [{ ...leader, committed }, effects];
}

export function advanceApplied(rules: Rules, leader: Leader): Step<Leader> {
  const { role, replicaId } = leader;
  const shown = waitedFor(rules, role).map((member) =>
    member === replicaId ? leader.applied : (role.peers.get(rules.progressOf(member, role))?.applied ?? 0n),
  );
  const everywhere = shown.reduce((least, each) => (each < least ? each : least));
  if (everywhere <= role.appliedEverywhere) return [leader, []];
  const effect = { kind: 'answer-writes', upTo: everywhere, level: 'applied-everywhere' } as const;
  return [{ ...leader, role: { ...role, appliedEverywhere: everywhere } }, [effect]];
}
