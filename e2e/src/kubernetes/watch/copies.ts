/** Where the copies of shards are that are in sync. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';

/** Every shard has as many copies in sync, none of them on the nodes named. */
export function allInSync(shards: readonly VectorShard[], copies: number, without: readonly string[] = []): boolean {
  return shards.length > 0 && shards.every((shard) => nodesInSync(shard).filter((node) => !without.includes(node)).length >= copies);
}

function nodesInSync({ status }: VectorShard): readonly string[] {
  return (status?.inSync ?? []).flatMap((replica) => status?.members?.find(({ replicaId }) => replicaId === replica)?.node ?? []);
}
