/** Deleting the data of replicas that are no more. */
import { columnFamilies, type Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { DataDirectoryError, type DataDirectory } from './data-directory.ts';
import { DocumentKeys, replicaIdBytes } from '../shard/document-keys.ts';

interface Stores {
  readonly log: Log;
  readonly documents: Documents;
}

export async function deleteReplica({ log, documents, replicaId }: Stores & { readonly replicaId: string }): Promise<void> {
  const { from, to } = new DocumentKeys(replicaId).all;
  await documents.write(columnFamilies.map((family) => ({ kind: 'delete-range', family, from, to })));
  await log.drop(replicaId);
}

/**
 * Deletes documents of replicas that are not kept: their deletion was not flushed when the power went, and nothing else would find them
 * again. Entries in the log are another matter: dropping a replica is durable there before its folder goes, so a replica of the log
 * without a folder was not dropped by us. Throws DataDirectoryError then, since its data may be all there is; unless it is damaged: then
 * the record of its dropping may be what was lost, and nothing of it could be served.
 */
export async function deleteStrangers({
  directory,
  log,
  documents,
  kept,
}: Stores & { readonly directory: DataDirectory; readonly kept: readonly string[] }): Promise<void> {
  const lost = log.replicas.filter((replicaId) => !kept.includes(replicaId) && !log.damaged.has(replicaId));
  if (lost.length > 0) {
    throw new DataDirectoryError(
      `${directory.path}/replicas has lost the folders of ${lost.length} replicas that the log holds (${lost[0]}): it was deleted in part. Restore the whole directory from one copy, or empty it to start without data.`,
    );
  }
  const strangers = new Set([...(await replicasIn(documents)), ...log.damaged.keys()]);
  for (const replicaId of kept) strangers.delete(replicaId);
  for (const replicaId of strangers) await deleteReplica({ log, documents, replicaId });
}

/** One look per replica and family: each finds the first key beyond the replica found before. */
async function replicasIn(documents: Documents): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const end = Buffer.alloc(replicaIdBytes + 64, 255);
  for (const family of columnFamilies) {
    let from: Uint8Array | undefined = Buffer.alloc(0);
    while (from) {
      let next: Uint8Array | undefined;
      for await (const { key } of documents.iterate(family, { from, to: end, limit: 1 })) {
        const replicaId = key.toString('hex', 0, replicaIdBytes);
        found.add(replicaId);
        next = new DocumentKeys(replicaId).all.to;
      }
      from = next;
    }
  }
  return found;
}
