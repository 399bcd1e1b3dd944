import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import type { Position } from '../replication/log-shape.ts';
import type { DocumentKeys } from '../shard/document-keys.ts';

/** How far the documents are; undefined when nothing was ever applied. The last applied entry is always among the recent requests. */
export async function appliedPosition(reader: DocumentReader, keys: DocumentKeys): Promise<Position | undefined> {
  const [applied] = await reader.get('meta', [keys.applied]);
  const sequence = applied?.readBigUInt64LE(0) ?? 0n;
  if (sequence === 0n) return undefined;
  const [request] = await reader.get('meta', [keys.request(sequence)]);
  if (!request) throw new Error(`the documents reach entry ${sequence} and do not say of which epoch it is`);
  return { sequence, epoch: request.readBigUInt64LE(0) };
}
