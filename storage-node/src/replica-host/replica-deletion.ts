/** Deleting the data of replicas that are no more. */
import { columnFamilies, type Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
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
 * Deletes what replicas left that are not kept: their deletion was cut short, or it was not flushed when the power went. Nothing else
 * would ever find that data again.
 */
export async function deleteStrangers({ log, documents, kept }: Stores & { readonly kept: readonly string[] }): Promise<void> {
  const strangers = new Set([...log.replicas, ...(await replicasIn(documents))]);
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
