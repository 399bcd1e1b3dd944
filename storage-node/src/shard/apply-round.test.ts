import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { expect, test } from 'vitest';
import { applyRound } from './apply-round.ts';
import { DocumentKeys } from './document-keys.ts';
import type { CommittedOperation, ResolvedOperation } from './resolved-operation.ts';
import { decodePoint } from './stored-point.ts';

const keys = new DocumentKeys('cd'.repeat(16));

function upsert(row: number, payload = '{}', id = 1n): ResolvedOperation {
  return { kind: 'upsert', points: [{ id, row, payload: Buffer.from(payload), vectors: new Map([['', Float32Array.of(row)]]) }] };
}

const remove: ResolvedOperation = { kind: 'delete', ids: [1n] };

function paint(payload: string): ResolvedOperation {
  return { kind: 'set-payload', ids: [1n], payload: Buffer.from(payload) };
}

const twice: ResolvedOperation = {
  kind: 'upsert',
  points: [7, 8].map((row) => ({ id: 1n, row, payload: Buffer.from(`{"at":${row}}`), vectors: new Map() })),
};

function committed(operations: readonly ResolvedOperation[], first: bigint): readonly CommittedOperation[] {
  return operations.map((operation, at) => ({ operation, requestId: '', sequence: first + BigInt(at) }));
}

/** Point 1 is in row 0 with payload {"a":1} before the round, unless it is to be new. */
async function apply(operations: readonly ResolvedOperation[], isThere: boolean) {
  await using documents = new MemoryDocuments();
  const from = { reader: documents, keys, nextRow: 1, vectorNumber: () => 0 };
  if (isThere) await documents.write((await applyRound(committed([upsert(0, '{"a":1}')], 1n), from)).writes);
  const { writes, born, died, changed, nextRow } = await applyRound(committed(operations, 10n), from);
  await documents.write(writes);
  const [row] = await documents.get('ids', [keys.id(1n)]);
  const [point] = row ? await documents.get('points', [keys.point(row.readUInt32LE(0))]) : [];
  const stored = point && decodePoint(point);
  return { born: [...born.keys()], died, changed, nextRow, shown: stored && `${stored.payload.toString()} at ${stored.version}` };
}

const nothing = { born: [], died: [], changed: [] };

test.for([
  ['a new point', false, [upsert(5)], { ...nothing, born: [5], nextRow: 6, shown: '{} at 10' }],
  ['a new point twice in a batch', false, [twice], { ...nothing, born: [8], nextRow: 9, shown: '{"at":8} at 10' }],
  ['a point replaced', true, [upsert(5)], { born: [5], died: [0], changed: [], nextRow: 6, shown: '{} at 10' }],
  ['replaced twice', true, [upsert(5), upsert(6)], { born: [6], died: [0], changed: [], nextRow: 7, shown: '{} at 11' }],
  ['deleted', true, [remove], { ...nothing, died: [0], nextRow: 1, shown: undefined }],
  ['deleted though not there', false, [remove], { ...nothing, nextRow: 1, shown: undefined }],
  ['made and deleted', false, [upsert(5), remove], { ...nothing, nextRow: 6, shown: undefined }],
  ['deleted and made again', true, [remove, upsert(5)], { born: [5], died: [0], changed: [], nextRow: 6, shown: '{} at 11' }],
  ['painted', true, [paint('{"b":2}')], { ...nothing, changed: [0], nextRow: 1, shown: '{"a":1,"b":2} at 10' }],
  ['painted though not there', false, [paint('{"b":2}')], { ...nothing, nextRow: 1, shown: undefined }],
  ['a key taken away', true, [paint('{"a":null}')], { ...nothing, changed: [0], nextRow: 1, shown: '{} at 10' }],
  [
    'replaced, then painted',
    true,
    [upsert(5), paint('{"b":2}')],
    { born: [5], died: [0], changed: [], nextRow: 6, shown: '{"b":2} at 11' },
  ],
  ['painted, then replaced', true, [paint('{"b":2}'), upsert(5)], { born: [5], died: [0], changed: [], nextRow: 6, shown: '{} at 11' }],
  ['painted, then deleted', true, [paint('{"b":2}'), remove], { ...nothing, died: [0], nextRow: 1, shown: undefined }],
  ['deleted, then painted', true, [remove, paint('{"b":2}')], { ...nothing, died: [0], nextRow: 1, shown: undefined }],
] as const)('one round: %s', async ([, isThere, operations, expected]) => {
  expect(await apply(operations, isThere)).toEqual(expected);
});
