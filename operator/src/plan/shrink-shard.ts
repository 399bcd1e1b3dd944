/** Fewer copies of a shard than it has: which one goes, and what has to happen before. */
import { askHandOver } from './ask-hand-over.ts';
import type { CopyLedger } from './copy-ledger.ts';
import { mayGo } from './may-go.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { stayingCopies } from './staying-copies.ts';
import type { CopiesStep } from './step.ts';

export function shrinkShard(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  return surplusVoter(shard, ledger) ?? surplusLearner(shard, ledger);
}

/** Lost ones first, then those on nodes that leave, never the primary if another will do, then where the zones stay distinct, then those behind, then the fullest node. */
function surplusVoter(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const { wanted, primary, inSync } = shard;
  const voters = stayingCopies(shard.assignments, 'Voter');
  if (voters.length <= wanted.replicationFactor) return undefined;
  const isInSync = (node: string) => inSync.some((copy) => copy.node === node);
  const sharesZone = (node: string) => voters.some((other) => other !== node && ledger.zoneOf(other) === ledger.zoneOf(node));
  const inOrder = voters.toSorted(
    (a, b) =>
      Number(ledger.isLost(b)) - Number(ledger.isLost(a)) ||
      Number(ledger.isLeaving(b)) - Number(ledger.isLeaving(a)) ||
      Number(a === primary?.node) - Number(b === primary?.node) ||
      Number(sharesZone(b)) - Number(sharesZone(a)) ||
      Number(isInSync(a)) - Number(isInSync(b)) ||
      ledger.loadOf(b) - ledger.loadOf(a) ||
      (a < b ? 1 : -1),
  );
  const victim = inOrder.find((node) => mayGo(shard, node));
  if (victim === undefined) return undefined;
  if (victim === primary?.node) return askHandOver(shard, `its copy on ${victim} is one too many`, ledger.leads);
  ledger.gone(victim);
  return without(shard, victim, `replicationFactor is ${wanted.replicationFactor} and it has ${voters.length}`, ledger);
}

function surplusLearner(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const learners = stayingCopies(shard.assignments, 'Learner');
  const { readReplicas } = shard.wanted;
  if (learners.length <= readReplicas) return undefined;
  const [victim] = learners.toSorted(
    (a, b) =>
      Number(ledger.isLost(b)) - Number(ledger.isLost(a)) ||
      Number(ledger.isLeaving(b)) - Number(ledger.isLeaving(a)) ||
      ledger.loadOf(b) - ledger.loadOf(a) ||
      (a < b ? 1 : -1),
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
