/** More copies of a shard than it has, because its collection asks for them now or nodes came that were missing. */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import type { CopyLedger } from './copy-ledger.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { roleFor } from './repair-shard.ts';
import { stayingCopies } from './staying-copies.ts';
import type { CopiesStep } from './step.ts';

export function growShard(shard: ObservedCopiesOfShard, ledger: CopyLedger): CopiesStep | undefined {
  const { wanted, assignments, name, precondition } = shard;
  const voters = added(shard, ledger, 'Voter', wanted.replicationFactor);
  const learners = added(shard, ledger, 'Learner', wanted.readReplicas);
  const all = [...voters, ...learners];
  if (all.length === 0) return undefined;
  const places = all.map(({ node }) => `${node} in ${ledger.zoneOf(node)}`).join(', ');
  const reasons = [
    ...(voters.length > 0
      ? [`replicationFactor is ${wanted.replicationFactor} and it has ${stayingCopies(assignments, 'Voter').length}`]
      : []),
    ...(learners.length > 0 ? [`readReplicas is ${wanted.readReplicas} and it has ${stayingCopies(assignments, 'Learner').length}`] : []),
  ];
  return {
    kind: 'assign-copies',
    object: name,
    precondition,
    assignments: [...assignments, ...all],
    because: `${reasons.join(', ')}; ${places} ${all.length === 1 ? 'gets a copy' : 'get copies'}`,
  };
}

function added(
  { assignments }: ObservedCopiesOfShard,
  ledger: CopyLedger,
  kind: Assignment['kind'],
  wanted: number,
): readonly Assignment[] {
  const taken = assignments.map(({ node }) => node);
  const alike = stayingCopies(assignments, kind);
  const chosen: string[] = [];
  while (alike.length + chosen.length < wanted) {
    const node = ledger.begin(roleFor(kind), [...taken, ...chosen], [...alike, ...chosen]);
    if (node === undefined) break;
    chosen.push(node);
  }
  return chosen.map((node) => ({ node, kind }));
}
