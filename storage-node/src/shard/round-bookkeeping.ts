/** What goes into the documents with every round, beside the points themselves. */
import type { DocumentWrite } from '@vectorcluster/engine/documents/documents.ts';
import { rememberedRequests } from '../replication/recent-requests.ts';
import { encodeApplied } from './applied-record.ts';
import type { DocumentKeys } from './document-keys.ts';
import type { CommittedOperation } from './resolved-operation.ts';

const requestTrimInterval = 256n;

/** Documents of rows that nobody can find any more. */
export function* deletions(rows: readonly number[], keys: DocumentKeys, vectorNumbers: Iterable<number>): Generator<DocumentWrite> {
  const numbers = [...vectorNumbers];
  for (const row of rows) {
    yield { kind: 'delete', family: 'points', key: keys.point(row) };
    for (const number of numbers) yield { kind: 'delete', family: 'vectors', key: keys.vector(number, row) };
  }
}

/** How far the documents are, and which requests brought them there. */
export function* bookkeeping(round: {
  readonly operations: readonly CommittedOperation[];
  readonly epoch: bigint;
  readonly nextRow: number;
  readonly died: readonly number[];
  readonly keys: DocumentKeys;
  readonly vectorNumbers: ReadonlyMap<string, number>;
}): Generator<DocumentWrite> {
  const { operations, epoch, nextRow, died, keys, vectorNumbers } = round;
  for (const { sequence, requestId } of operations) {
    yield { kind: 'put', family: 'meta', key: keys.request(sequence), value: requestBytes(epoch, requestId) };
    if (sequence % requestTrimInterval === 0n && sequence > BigInt(rememberedRequests)) {
      yield { kind: 'delete-range', family: 'meta', from: keys.request(0n), to: keys.request(sequence - BigInt(rememberedRequests)) };
    }
  }
  const position = { sequence: operations.at(-1)?.sequence ?? 0n, epoch };
  yield { kind: 'put', family: 'meta', key: keys.applied, value: encodeApplied({ position, nextRow }) };
  yield { kind: 'put', family: 'meta', key: keys.dead, value: rowsBytes(died) };
  yield { kind: 'put', family: 'meta', key: keys.vectorNames, value: Buffer.from(JSON.stringify([...vectorNumbers.keys()])) };
}

function rowsBytes(rows: readonly number[]): Buffer {
  const bytes = Buffer.alloc(rows.length * 4);
  for (const [index, row] of rows.entries()) bytes.writeUInt32LE(row, index * 4);
  return bytes;
}

/** u64 epoch, then the request id. */
function requestBytes(epoch: bigint, requestId: string): Buffer {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(requestId));
  bytes.writeBigUInt64LE(epoch);
  bytes.write(requestId, 8);
  return bytes;
}
