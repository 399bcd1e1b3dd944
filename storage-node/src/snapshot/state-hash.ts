/**
 * One hash of all that a replica shows and of what decides its future: replicas that applied the same log up to the same entry have the
 * same one. Left out is what depends on how entries were gathered into rounds: documents of rows that nobody can find any more, and which
 * row numbers were handed out and never used.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import { DocumentKeys, replicaIdBytes } from '../shard/document-keys.ts';
import { decodeApplied } from '../shard/applied-record.ts';

const blockRows = 512;

/** Reads everything: for tests and comparisons on demand. */
export async function stateHash(reader: DocumentReader, replicaId: string): Promise<string> {
  const keys = new DocumentKeys(replicaId);
  const hash = createHash('sha256');
  const [applied, names] = await reader.get('meta', [keys.applied, keys.vectorNames]);
  const { position } = decodeApplied(applied);
  hash.update(`${position.sequence} ${position.epoch} `);
  add(hash, names);
  for await (const { key, value } of reader.iterate('meta', keys.requests)) {
    add(hash, key.subarray(replicaIdBytes));
    add(hash, value);
  }
  const numbers = names ? Array.from(z.array(z.string()).parse(JSON.parse(names.toString())).keys()) : [];
  let block: { readonly key: Buffer; readonly row: number }[] = [];
  const finish = async (): Promise<void> => {
    const points = await reader.get(
      'points',
      block.map(({ row }) => keys.point(row)),
    );
    const vectors = await reader.get(
      'vectors',
      block.flatMap(({ row }) => numbers.map((number) => keys.vector(number, row))),
    );
    for (const [index, { key, row }] of block.entries()) {
      add(hash, key.subarray(replicaIdBytes));
      hash.update(`${row} `);
      add(hash, points[index]);
      for (const number of numbers) add(hash, vectors[index * numbers.length + number]);
    }
    block = [];
  };
  for await (const { key, value } of reader.iterate('ids', keys.all)) {
    block.push({ key, row: value.readUInt32LE(0) });
    if (block.length === blockRows) await finish();
  }
  await finish();
  return hash.digest('hex');
}

/** Lengths too, so that no two states run together. */
function add(hash: Hash, bytes: Buffer | undefined): void {
  hash.update(`${bytes?.length ?? 'none'} `);
  if (bytes) hash.update(bytes);
}
