/** What a collection asks for and this version does not do. */
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';
import type { ObservedCollection, ObservedHome } from './observed-collection.ts';

export function collectionRefusals(observed: ObservedCollection, home: ObservedHome): readonly Finding[] {
  const { spec, takenBy } = observed;
  const findings: Finding[] = [];
  if (takenBy !== undefined) {
    findings.push({
      reason: 'NameTaken',
      message: `the name ${takenBy.name} is held by the older VectorCollection ${takenBy.object}, so this one gets no shards; delete one of them, or choose another name`,
    });
  }
  const copies: readonly [keyof ObservedHome['defaults'], number][] = [
    ['replicationFactor', 1],
    ['minInSync', 1],
    ['readReplicas', 0],
  ];
  for (const [field, served] of copies) {
    const own = field === 'shards' ? undefined : spec[field];
    const value = own ?? home.defaults[field];
    if (value <= served) continue;
    const place = own === undefined ? `spec.collectionDefaults.${field} of VectorCluster ${spec.clusterName}` : `spec.${field}`;
    findings.push({
      reason: 'CopiesNotSupported',
      message: `${place} is ${value}, and above ${served} it is not served by this version, which keeps one copy of each shard; set it to ${served}`,
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
    message: `shards ${listed(names)} were deleted, and with them their points: an empty shard in their place would hide that; delete the collection and make it again`,
  };
}
