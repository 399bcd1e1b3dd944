/** Which shard holds an id, by the rule of routing: xxh64 of the eight little-endian bytes, in the ranges of the VectorShards. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import xxhash from 'xxhash-wasm';

export async function shardLookup(shards: readonly VectorShard[]): Promise<(id: number) => string> {
  const hashing = await xxhash();
  const ranges = shards.map((shard) => ({
    name: shard.metadata.name,
    first: BigInt(`0x${shard.spec.hashRange.first}`),
    last: BigInt(`0x${shard.spec.hashRange.last}`),
  }));
  return (id) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(id));
    const hash = hashing.h64Raw(bytes);
    return ranges.find((range) => hash >= range.first && hash <= range.last)?.name ?? 'no shard';
  };
}
