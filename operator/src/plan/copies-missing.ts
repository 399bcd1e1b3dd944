/** Copies that a collection asks for and does not have: how many, because of what, and what to do about it. */
import type { ConditionDraft, Finding } from './conditions.ts';
import { copiesWanted, type CopiesWanted } from './copies-wanted.ts';
import type { ObservedCollection, ObservedHome, ObservedShardOfCollection } from './observed-collection.ts';

/** Reason of what only a person can mend: the other copies come by themselves. */
export const tooFewNodes = 'TooFewNodes';

/** `total`: shards that there should be. */
export function replicationCondition({ spec, shards }: ObservedCollection, home: ObservedHome, total: number): ConditionDraft {
  const wanted = copiesWanted(spec, home.defaults);
  const shortage = shortages(wanted, home);
  const lacking = shards.flatMap((shard) => lackOf(shard, wanted) ?? []);
  const [first] = lacking;
  if (shortage.length === 0 && first === undefined && shards.length === total) {
    return { type: 'FullyReplicated', status: 'True', reason: 'AllCopiesInSync', message: `each shard has ${copies(wanted)}` };
  }
  const whole = shards.length - lacking.length;
  const numbers = whole === total ? [] : [`${whole} of ${total} shards have ${copies(wanted)}`];
  const isComing = shortage.length === 0 && first !== undefined;
  const words = [
    ...shortage,
    ...numbers,
    ...(first === undefined ? [] : [first]),
    ...(isComing ? ['it is made up for by itself: wait'] : []),
  ];
  return {
    type: 'FullyReplicated',
    status: 'False',
    reason: shortage.length > 0 ? tooFewNodes : 'CopiesMissing',
    message: words.join('; '),
  };
}

/** Fewer Data nodes than `minInSync` acknowledge nothing: that waits for a person. */
export function tooFewForWrites({ spec }: ObservedCollection, home: ObservedHome): readonly Finding[] {
  const { minInSync } = copiesWanted(spec, home.defaults);
  const nodes = Math.max(home.nodes.length, home.nodesWanted);
  if (nodes >= minInSync) return [];
  return [
    {
      reason: tooFewNodes,
      message: `minInSync is ${minInSync}, but ${dataNodes(nodes)} asked for, so no write could ever be acknowledged; set replicas of a Data pool to at least ${minInSync}, or minInSync to ${Math.max(nodes, 1)}`,
    },
  ];
}

function shortages({ replicationFactor, readReplicas }: CopiesWanted, home: ObservedHome): readonly string[] {
  const data = Math.max(home.nodes.length, home.nodesWanted);
  const readers = Math.max(home.readers.length, home.readersWanted);
  const found: string[] = [];
  if (data < replicationFactor) {
    found.push(
      `replicationFactor is ${replicationFactor}, but ${dataNodes(data)} asked for, and a node holds one copy of a shard; set replicas of a Data pool to at least ${replicationFactor}, or replicationFactor to ${Math.max(data, 1)}`,
    );
  }
  if (readers < readReplicas) {
    found.push(
      `readReplicas is ${readReplicas}, but there ${readers === 1 ? 'is 1 node' : `are ${readers} nodes`} with role Read; set replicas of a Read pool to at least ${readReplicas}, or readReplicas to ${readers}`,
    );
  }
  return found;
}

function lackOf({ name, voters, learners, inSync }: ObservedShardOfCollection, wanted: CopiesWanted): string | undefined {
  const { replicationFactor, readReplicas } = wanted;
  if (inSync < replicationFactor) return `${name}: ${inSync} of ${replicationFactor} copies in sync, ${voters} assigned`;
  if (learners < readReplicas) return `${name}: ${learners} of ${readReplicas} read replicas assigned`;
  return undefined;
}

function copies({ replicationFactor, readReplicas }: CopiesWanted): string {
  const voters = replicationFactor === 1 ? '1 copy in sync' : `${replicationFactor} copies in sync`;
  return readReplicas === 0 ? voters : `${voters} and ${readReplicas} for reads`;
}

function dataNodes(count: number): string {
  return count === 1 ? '1 Data node is' : `${count} Data nodes are`;
}
