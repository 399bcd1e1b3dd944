/**
 * A replica as a disk keeps it: what an installation left in part is emptied, a snapshot takes the place of all there is, and what cannot
 * be opened because it is damaged is told apart from what may be tried again.
 */
import { ReplicaDamagedError, type ReplicaSurroundings } from '../membership/shard-host.ts';
import type { Position } from '../replication/log-shape.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { isDamage, openReplica, type OpenReplicaOptions } from '../shard/open-replica.ts';
import { emptyUnfinished, installedPosition, installSnapshot, type InstallTarget } from '../snapshot/install-snapshot.ts';

export interface KeptReplica extends Omit<OpenReplicaOptions, keyof InstallTarget | 'installed' | 'snapshots'> {
  /** Its parts on the disk. */
  readonly target: InstallTarget;
  readonly fetchSnapshot: ReplicaSurroundings['fetchSnapshot'];
  /** Where the parts of a snapshot gather. */
  readonly incoming: string;
  /** A snapshot was installed in part: the replica begins empty. */
  readonly onEmptied: () => void;
  readonly onInstalled?: (position: Position) => void;
}

/** Throws ReplicaDamagedError. */
export async function openKeptReplica(kept: KeptReplica): Promise<LocalReplica> {
  const { replicaId, log } = kept.target;
  const damage = log.damaged.get(replicaId);
  if (damage !== undefined) throw new ReplicaDamagedError(replicaId, damage.message, { cause: damage });
  try {
    return await open(kept);
  } catch (error) {
    throw isDamage(error) ? new ReplicaDamagedError(replicaId, error.message, { cause: error }) : error;
  }
}

async function open(kept: KeptReplica): Promise<LocalReplica> {
  const { target, shard, incoming, fetchSnapshot } = kept;
  const { replicaId, log, documents } = target;
  if (await emptyUnfinished(target)) kept.onEmptied();
  return await openReplica({
    ...kept,
    replicaId,
    log,
    documents,
    installed: await installedPosition(target.folder),
    snapshots: {
      fetch: async (place, signal) => await fetchSnapshot({ ...place, shard, receiver: replicaId, folder: incoming }, signal),
      replace: async (fetched) => {
        const position = await installSnapshot(fetched, target);
        kept.onInstalled?.(position);
      },
    },
  });
}
