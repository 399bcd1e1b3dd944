import type { LocalReplica } from '../src/shard/local-replica.ts';
import type { ReplicaSurroundings } from '../src/membership/shard-host.ts';
import type { CollectionConfig } from '../src/model/collection.ts';

/** A node on which nobody else can be reached. */
export function alone(config: CollectionConfig): ReplicaSurroundings {
  return {
    collection: { name: 'shop-books', uid: 'uid-of-books' },
    config,
    network: { send: async () => false, lastEchoedAt: () => undefined },
    configuration: { read: async () => undefined, changeInSync: async () => ({ kind: 'unknown' }) },
    fetchSnapshot: async () => {
      throw new Error('nobody else is there');
    },
  };
}

/** Shows the replica that it is the only copy and primary of `epoch`. Resolves when it orders writes. */
export async function leadAlone(replica: LocalReplica, epoch: bigint): Promise<void> {
  const { replicaId } = replica;
  replica.see({
    version: String(epoch),
    epoch,
    primary: replicaId,
    inSync: [replicaId],
    minInSync: 1,
    members: [{ replicaId, node: 'node', kind: 'Voter' }],
    handOverTo: undefined,
  });
  await replica.runner.changes.until(() => replica.servingEpoch === epoch, AbortSignal.timeout(30_000));
}
