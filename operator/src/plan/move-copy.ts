/**
 * A copy goes from one node to another: its successor is assigned beside it, becomes in sync, leads if the old one did, and then the old
 * one goes. The shard has all its copies at every moment, so a move can be left off at any of them. Moves that were begun are finished,
 * also when the node that they leave stays after all.
 */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { askHandOver } from './ask-hand-over.ts';
import type { CopyLedger } from './copy-ledger.ts';
import { mayGo } from './may-go.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { roleFor } from './repair-shard.ts';
import { isMoving, stayingCopies } from './staying-copies.ts';
import type { CopiesStep } from './step.ts';

/** Of the copy on `leaving`, if it is there and not on its way yet. */
export function leaveNode(shard: ObservedCopiesOfShard, ledger: CopyLedger, leaving: string): CopiesStep | undefined {
  const { assignments } = shard;
  const copy = assignments.find(({ node }) => node === leaving);
  if (copy === undefined || isMoving(copy, assignments)) return undefined;
  const others = stayingCopies(assignments, copy.kind).filter((node) => node !== leaving);
  const taken = assignments.map(({ node }) => node);
  const target = ledger.begin(roleFor(copy.kind), taken, others);
  return target === undefined ? undefined : beginMove(shard, ledger, { copy, target, because: `${leaving} leaves the cluster` });
}

export interface Move {
  readonly copy: Assignment;
  readonly target: string;
  readonly because: string;
}

/** `target` has been counted as begun. */
export function beginMove(shard: ObservedCopiesOfShard, ledger: CopyLedger, { copy, target, because }: Move): CopiesStep {
  const { name, precondition, assignments } = shard;
  ledger.gone(copy.node);
  return {
    kind: 'assign-copies',
    object: name,
    precondition,
    assignments: [
      ...assignments.map((each) => (each === copy ? { ...copy, replacedBy: target } : each)),
      { node: target, kind: copy.kind },
    ],
    because: `${because}; ${target} in ${ledger.zoneOf(target)} gets its copy`,
  };
}

/** What the first move that can go on needs. */
export function finishMove(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const { name, precondition, assignments, primary } = shard;
  for (const copy of assignments.filter((each) => isMoving(each, assignments))) {
    const { node, replacedBy = '' } = copy;
    if (!isDone(shard, ledger, copy)) continue;
    if (node === primary?.node) {
      const asking = askHandOver(shard, `its copy on ${node} moves to ${replacedBy}`, ledger.leads);
      // While it may not be asked again, other moves go on.
      if (asking === undefined) continue;
      return asking;
    }
    if (!mayGo(shard, node)) continue;
    return {
      kind: 'assign-copies',
      object: name,
      precondition,
      assignments: assignments.filter((each) => each !== copy),
      because: `${replacedBy} has the copy that was on ${node}, which goes`,
    };
  }
  return undefined;
}

/** The successor is what the copy was; or the copy is lost, and nobody can need it. */
function isDone({ inSync, serving }: ObservedCopiesOfShard, ledger: CopyLedger, { node, kind, replacedBy = '' }: Assignment): boolean {
  const holds = (each: string) => inSync.some((copy) => copy.node === each && copy.isThere);
  if (ledger.isLost(node) && !inSync.some((copy) => copy.node === node)) return true;
  return kind === 'Voter' ? holds(replacedBy) : serving.has(replacedBy);
}
