import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NoSnapshotError } from './snapshot-errors.ts';
import { openSnapshot, type SnapshotReader } from './snapshot-reader.ts';
import { applyAll, bodiesOf, loadState, logOf, sourceId } from './state-fixture.ts';
import { openSnapshotInThread } from './thread-reader.ts';

let folder: string;
let documentsFolder: string;
let documents: Documents;
/** A few parts of them, each of more pieces than may be ahead. */
const partBytes = 20_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-thread-'));
  documentsFolder = join(folder, 'documents');
  documents = await openRocksDocuments(documentsFolder);
  const points = Array.from({ length: 1_000 }, (_, id) => ({ id: BigInt(id), x: id, titled: true }));
  await applyAll(await loadState(documents, sourceId), logOf([{ draft: { kind: 'upsert', points }, newEpoch: false }]), 1);
});

afterAll(async () => {
  await documents[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function inThread(replicaId = sourceId): Promise<SnapshotReader> {
  return await openSnapshotInThread({ documentsFolder, replicaId, segmentsFolder: undefined, partBytes });
}

test('gives the same parts as without a thread, with what was not flushed', async () => {
  await using here = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes });
  await using there = await inThread();
  expect(there.position).toEqual(here.position);
  const bodies = await bodiesOf(there);
  expect(bodies.length).toBeGreaterThan(3);
  expect(bodies).toEqual(await bodiesOf(here));
  expect(there.reached).toBe(here.reached);
});

test('a reading that is given up leaves nothing in the way of the next one', async () => {
  await using reader = await inThread();
  const whole = await bodiesOf(reader);
  for (const first of [1, 2, 3]) {
    for await (const piece of reader.read(first)) {
      if (piece.kind !== 'part-ended') continue;
      await using _meanwhile = await inThread(); // pieces that nobody takes are on their way by then
      break;
    }
    expect(await bodiesOf(reader, first)).toEqual(whole.slice(first - 1));
  }
});

test('a replica that has applied nothing has no snapshot', async () => {
  await expect(inThread('0c'.repeat(16))).rejects.toThrow(NoSnapshotError);
});

test('what the thread fails with is told', async () => {
  const nowhere = { documentsFolder: join(folder, 'nowhere'), replicaId: sourceId, segmentsFolder: undefined };
  await expect(openSnapshotInThread(nowhere)).rejects.toThrow('cannot open the documents');
});
