/** Fewer copies of a shard than it has: which one goes, and what has to happen before. */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { askHandOver } from './ask-hand-over.ts';
import type { CopyLedger } from './copy-ledger.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import type { CopiesStep } from './step.ts';

export function shrinkShard(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  return surplusVoter(shard, ledger) ?? surplusLearner(shard, ledger);
}

/** Lost ones first, never the primary if another will do, then where the zones stay distinct, then those behind, then the fullest node. */
function surplusVoter(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const { wanted, primary, inSync } = shard;
  const voters = nodesOf(shard, 'Voter');
  if (voters.length <= wanted.replicationFactor) return undefined;
  const isInSync = (node: string) => inSync.some((copy) => copy.node === node);
  const sharesZone = (node: string) => voters.some((other) => other !== node && ledger.zoneOf(other) === ledger.zoneOf(node));
  const inOrder = voters.toSorted(
    (a, b) =>
      Number(ledger.isLost(b)) - Number(ledger.isLost(a)) ||
      Number(a === primary?.node) - Number(b === primary?.node) ||
      Number(sharesZone(b)) - Number(sharesZone(a)) ||
      Number(isInSync(a)) - Number(isInSync(b)) ||
      ledger.loadOf(b) - ledger.loadOf(a) ||
      (a < b ? 1 : -1),
  );
  const victim = inOrder.find((node) => mayGo(shard, node));
  if (victim === undefined) return undefined;
  if (victim === primary?.node) return askHandOver(shard, `its copy on ${victim} is one too many`);
  ledger.gone(victim);
  return without(shard, victim, `replicationFactor is ${wanted.replicationFactor} and it has ${voters.length}`, ledger);
}

/** In sync without it: as many as a write needs, and at least one. */
function mayGo({ inSync, minInSync, wanted, epoch }: ObservedCopiesOfShard, node: string): boolean {
  if (epoch === 0 || !inSync.some((copy) => copy.node === node)) return true;
  const others = inSync.filter((copy) => copy.node !== node && copy.isThere).length;
  return others >= Math.max(1, minInSync, wanted.minInSync);
}

function surplusLearner(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const learners = nodesOf(shard, 'Learner');
  const { readReplicas } = shard.wanted;
  if (learners.length <= readReplicas) return undefined;
  const [victim] = learners.toSorted(
    (a, b) => Number(ledger.isLost(b)) - Number(ledger.isLost(a)) || ledger.loadOf(b) - ledger.loadOf(a) || (a < b ? 1 : -1),
  );
  if (victim === undefined) return undefined;
  ledger.gone(victim);
  return without(shard, victim, `readReplicas is ${readReplicas} and it has ${learners.length}`, ledger);
}

function without(
  { name, precondition, assignments }: ObservedCopiesOfShard,
  victim: string,
  because: string,
  ledger: CopyLedger,
): CopiesStep {
  return {
    kind: 'assign-copies',
    object: name,
    precondition,
    assignments: assignments.filter(({ node }) => node !== victim),
    because: `${because}; the copy on ${victim} in ${ledger.zoneOf(victim)} goes`,
  };
}

function nodesOf({ assignments }: ObservedCopiesOfShard, kind: Assignment['kind']): readonly string[] {
  return assignments.filter((assignment) => assignment.kind === kind).map(({ node }) => node);
}
