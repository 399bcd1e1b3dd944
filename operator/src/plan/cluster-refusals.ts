/** What a cluster's spec asks for and this version does not do, apart from its pools. */
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';
import type { ObservedPoolObject } from './observed-cluster.ts';

export function poolRemovalRefused(pool: ObservedPoolObject, nodes: readonly string[]): Finding {
  return {
    reason: 'PoolRemovalNotSupported',
    message: `spec.pools does not list ${pool.poolName}, but it has nodes (${listed(nodes)}): removing nodes is not served by this version, because their shards cannot be moved away yet; put the pool back`,
  };
}
