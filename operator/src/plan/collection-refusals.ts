/** What a collection asks for and this version does not do. */
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';
import type { ObservedCollection } from './observed-collection.ts';

export function collectionRefusals({ takenBy }: ObservedCollection): readonly Finding[] {
  const findings: Finding[] = [];
  if (takenBy !== undefined) {
    findings.push({
      reason: 'NameTaken',
      message: `the name ${takenBy.name} is held by the older VectorCollection ${takenBy.object}, so this one gets no shards; delete one of them, or choose another name`,
    });
  }
  return findings;
}

export function shardsChanged(wanted: number, actual: number): Finding {
  return {
    reason: 'ReshardingNotSupported',
    message: `spec.shards is ${wanted}, but the collection has ${actual}: resharding is not served by this version; set it back to ${actual}, or make a new collection`,
  };
}

export function shardsLost(names: readonly string[]): Finding {
  return {
    reason: 'ShardDeleted',
    message: `shards ${listed(names)} were deleted by hand: an empty shard in their place would hide that points are missing. Their nodes keep the data; read what is still needed from the other shards, then delete the collection and make it again`,
  };
}
