/** What a cluster's spec asks for and this version does not do, apart from its pools. */
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';
import type { ObservedCluster, ObservedPoolObject } from './observed-cluster.ts';

export function clusterRefusals({ spec }: ObservedCluster): readonly Finding[] {
  const { replicationFactor, minInSync, readReplicas } = spec.collectionDefaults;
  const limits: readonly [string, number, number][] = [
    ['replicationFactor', replicationFactor, 1],
    ['minInSync', minInSync, 1],
    ['readReplicas', readReplicas, 0],
  ];
  return limits
    .filter(([, value, served]) => value > served)
    .map(([field, value, served]) => ({
      reason: 'CopiesNotSupported',
      message: `spec.collectionDefaults.${field} is ${value}, and above ${served} it is not served by this version, which keeps one copy of each shard; set it to ${served}`,
    }));
}

export function poolRemovalRefused(pool: ObservedPoolObject, nodes: readonly string[]): Finding {
  return {
    reason: 'PoolRemovalNotSupported',
    message: `spec.pools does not list ${pool.poolName}, but it has nodes (${listed(nodes)}): removing nodes is not served by this version, because their shards cannot be moved away yet; put the pool back`,
  };
}
