/**
 * Opens the node's documents, and mends them where files of the database are damaged. A compaction that meets such a file fails, and with
 * it every write of the node, again after each restart. So what can still be read is copied, replica by replica, to a new database that
 * takes the place of the damaged one. A replica of which something cannot be read is left out whole: it finds itself behind its log, and
 * replays that where it is all there, or is told of as damaged and built again from another copy.
 */
import { columnFamilies, type DocumentReader, type Documents, type DocumentWrite } from '@vectorcluster/engine/documents/documents.ts';
import { DocumentsDamagedError, UnreadableDocumentsError } from '@vectorcluster/engine/documents/documents-errors.ts';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import type { Logger } from '../logger.ts';
import { DocumentKeys } from '../shard/document-keys.ts';
import type { DocumentsFolder } from './documents-folder.ts';

/** Copied in one write. */
const batchBytes = 1024 * 1024;

interface Repair {
  readonly folder: DocumentsFolder;
  readonly replicas: readonly string[];
  readonly logger: Logger;
  readonly onProgress: ((what: string) => void) | undefined;
}

/** Throws DocumentsOpenError. */
export async function openDocuments({ folder, replicas, logger, onProgress }: Repair): Promise<Documents> {
  onProgress?.('documents are being opened');
  if (!(await folder.isMarkedDamaged())) {
    try {
      return await openRocksDocuments(folder.path);
    } catch (error) {
      if (!(error instanceof DocumentsDamagedError)) throw error;
      logger.error({ err: error }, 'documents are damaged');
    }
  }
  const lost = await rescue({ folder, replicas, logger, onProgress });
  await folder.replace(lost);
  logger.error({ replicas: replicas.length, lost }, 'documents were damaged and are copied as far as they could be read');
  return await openRocksDocuments(folder.path);
}

/** Replicas that could not be copied. */
async function rescue({ folder, replicas, logger, onProgress }: Repair): Promise<readonly string[]> {
  await using mended = await openRocksDocuments(await folder.makeReplacement());
  let damaged: Documents;
  try {
    damaged = await openRocksDocuments(folder.path);
  } catch (error) {
    if (!(error instanceof DocumentsDamagedError)) throw error;
    await mended.flush();
    return replicas;
  }
  await using source = damaged;
  const lost: string[] = [];
  for (const [index, replicaId] of replicas.entries()) {
    onProgress?.(`damaged documents are being copied: ${index} of ${replicas.length} replicas`);
    try {
      await copy(replicaId, source, mended);
    } catch (error) {
      if (!(error instanceof UnreadableDocumentsError)) throw error;
      logger.error({ replicaId, err: error }, 'documents of a replica cannot be read');
      lost.push(replicaId);
      const { from, to } = new DocumentKeys(replicaId).all;
      await mended.write(columnFamilies.map((family) => ({ kind: 'delete-range', family, from, to })));
    }
  }
  await mended.flush();
  return lost;
}

async function copy(replicaId: string, source: DocumentReader, target: Documents): Promise<void> {
  let batch: DocumentWrite[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    await target.write(batch);
    batch = [];
    bytes = 0;
  };
  for (const family of columnFamilies) {
    for await (const { key, value } of source.iterate(family, new DocumentKeys(replicaId).all)) {
      batch.push({ kind: 'put', family, key, value });
      bytes += key.byteLength + value.byteLength;
      if (bytes >= batchBytes) await write();
    }
  }
  await write();
}
