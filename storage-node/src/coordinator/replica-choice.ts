/** Which replica of a shard a request goes to. With one copy of each shard that is the primary, for reads as for writes. */
import type { Primary, ShardRoute } from '../topology/topology.ts';

export type ReplicaChoice =
  | { readonly kind: 'local'; readonly shard: string }
  | { readonly kind: 'remote'; readonly shard: string; readonly address: string }
  | { readonly kind: 'none'; readonly because: string };

export function chooseReplica(route: ShardRoute, ownNode: string): ReplicaChoice {
  const { primary } = route;
  if (primary === undefined) return { kind: 'none', because: `shard ${route.name} has no primary yet` };
  if (primary.node === ownNode) return { kind: 'local', shard: route.uid };
  return remote(route, primary);
}

function remote(route: ShardRoute, { node, address }: Primary): ReplicaChoice {
  if (address === undefined) return { kind: 'none', because: `node ${node}, primary of shard ${route.name}, has no address` };
  return { kind: 'remote', shard: route.uid, address };
}
