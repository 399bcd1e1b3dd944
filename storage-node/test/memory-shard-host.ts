/** Replicas in memory. What it holds outlives the node it is given to, as a disk would. */
import type { HostedReplica, ShardHost } from '../src/membership/shard-host.ts';
import type { CollectionConfig } from '../src/model/collection.ts';
import { MemoryShard } from './memory-shard.ts';

interface Kept {
  readonly replicaId: string;
  readonly shard: MemoryShard;
  epoch: bigint;
}

export class MemoryShardHost implements ShardHost, AsyncDisposable {
  readonly #kept = new Map<string, Kept>();

  get shards(): readonly string[] {
    return [...this.#kept.keys()];
  }

  async open(shard: string, { vectors }: CollectionConfig): Promise<HostedReplica> {
    const kept = this.#kept.get(shard) ?? {
      replicaId: crypto.randomUUID().replaceAll('-', ''),
      shard: await MemoryShard.create({ vectors: Array.from(vectors, ([name, { size, distance }]) => ({ name, size, distance })) }),
      epoch: 0n,
    };
    this.#kept.set(shard, kept);
    return { replicaId: kept.replicaId, epoch: kept.epoch, shard: kept.shard };
  }

  async adoptEpoch(shard: string, epoch: bigint): Promise<void> {
    const kept = this.#kept.get(shard);
    if (kept === undefined || epoch < kept.epoch) throw new RangeError(`epoch ${epoch} cannot be adopted`);
    kept.epoch = epoch;
  }

  async drop(shard: string): Promise<void> {
    this.#kept.delete(shard);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
