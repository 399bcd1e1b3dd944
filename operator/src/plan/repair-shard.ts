/** Copies on lost nodes, made anew on others. */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import type { CopyLedger } from './copy-ledger.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { isMoving, stayingCopies } from './staying-copies.ts';
import type { CopiesStep } from './step.ts';

/** The first zone with a lost copy that can be made up for; others wait for it. */
export function zoneToRepair(shards: readonly ObservedCopiesOfShard[], ledger: CopyLedger): string | undefined {
  const zones = shards.flatMap((shard) =>
    lostCopies(shard, ledger)
      .filter(({ kind }) => ledger.candidate(roleFor(kind), nodesOf(shard), []) !== undefined)
      .map(({ node }) => ledger.zoneOf(node)),
  );
  return zones.toSorted()[0];
}

/**
 * One copy at a time. A copy that is in sync, or leads, is never given up: its primary takes it out of the set first, or another one
 * leads first, and where that is impossible it may be the only one that has what was acknowledged.
 */
export function repairShard(shard: ObservedCopiesOfShard, ledger: CopyLedger, zone: string | undefined): CopiesStep | undefined {
  const { assignments, name, precondition } = shard;
  for (const lost of lostCopies(shard, ledger).filter(({ node }) => ledger.zoneOf(node) === zone)) {
    const others = stayingCopies(assignments, lost.kind).filter((node) => node !== lost.node);
    const target = ledger.begin(roleFor(lost.kind), nodesOf(shard), others);
    if (target === undefined) continue;
    ledger.gone(lost.node);
    return {
      kind: 'assign-copies',
      object: name,
      precondition,
      assignments: assignments.map((each) => (each === lost ? { node: target, kind: lost.kind } : movesOn(each, lost.node, target))),
      because: `${lost.node} in ${ledger.zoneOf(lost.node)} is away for longer than the grace period; ${target} in ${ledger.zoneOf(target)} gets its copy`,
    };
  }
  return undefined;
}

/** A copy whose successor is lost goes where the successor's successor is. */
function movesOn(copy: Assignment, lost: string, target: string): Assignment {
  return copy.replacedBy === lost ? { ...copy, replacedBy: target } : copy;
}

function lostCopies(shard: ObservedCopiesOfShard, ledger: CopyLedger): readonly Assignment[] {
  const { assignments, inSync, wanted } = shard;
  return assignments.filter((copy) => {
    const { node, kind } = copy;
    const surplus = stayingCopies(assignments, kind).length > (kind === 'Voter' ? wanted.replicationFactor : wanted.readReplicas);
    return !surplus && !isMoving(copy, assignments) && ledger.isLost(node) && !inSync.some((each) => each.node === node);
  });
}

function nodesOf({ assignments }: ObservedCopiesOfShard): readonly string[] {
  return assignments.map(({ node }) => node);
}

export function roleFor(kind: Assignment['kind']): 'Data' | 'Read' {
  return kind === 'Voter' ? 'Data' : 'Read';
}
