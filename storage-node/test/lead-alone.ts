import type { LocalReplica } from '../src/shard/local-replica.ts';
import type { ConfigurationStore, ReplicaNetwork } from '../src/replica/ports.ts';

/** Nobody else is there. */
export const noNetwork: ReplicaNetwork = { send: async () => false, lastEchoedAt: () => undefined };
export const noConfigurationStore: ConfigurationStore = { read: async () => undefined, changeInSync: async () => ({ kind: 'unknown' }) };

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
