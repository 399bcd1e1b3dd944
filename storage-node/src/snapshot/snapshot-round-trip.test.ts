/** Laws of a snapshot, over documents in memory and any log: what was handed over is the replica, now and with all that comes after. */
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DocumentKeys } from '../shard/document-keys.ts';
import { installSnapshot, installedPosition, type InstallTarget } from './install-snapshot.ts';
import { ReceivedParts } from './received-parts.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import { openSnapshot } from './snapshot-reader.ts';
import { applyAll, entryOf, fetchedFrom, found, handOver, loadState, logOf, logs, receiverId, sourceId } from './state-fixture.ts';
import { stateHash } from './state-hash.ts';

const memoryDisk = (): MemoryDisk => new MemoryDisk({ random: seededRandom(1) });

async function target(): Promise<InstallTarget & { readonly close: () => Promise<void> }> {
  const log = await openLog({ disk: memoryDisk().mount() });
  const documents = new MemoryDocuments();
  const disks = { folder: memoryDisk().mount(), segments: memoryDisk().mount() };
  return { documents, log, replicaId: receiverId, ...disks, close: async () => await log[Symbol.asyncDispose]() };
}

const cases = fc.record({
  log: logs,
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  rounds: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
});

test('a replica from a snapshot shows the same, hashes the same, and stays the same with all entries behind it', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ log, cut, rounds: [sourceRound, receiverRound] }) => {
      const applied = log.slice(0, Math.max(1, Math.ceil(cut * log.length)));
      const documents = new MemoryDocuments();
      const source = await loadState(documents, sourceId);
      await applyAll(source, applied, sourceRound);
      const fetched = await fetchedFrom(documents, sourceId, await ReceivedParts.open(memoryDisk().mount()));
      const receiver = await target();
      const before = await loadState(receiver.documents, receiverId);
      await applyAll(before, log.slice(0, 3), 3); // what it held of another past goes
      const position = await installSnapshot(fetched, receiver);
      expect(position).toEqual({ sequence: applied.at(-1)?.sequence, epoch: applied.at(-1)?.epoch });
      expect(await installedPosition(receiver.folder)).toEqual(position);
      const state = await loadState(receiver.documents, receiverId);
      expect(await stateHash(receiver.documents, receiverId)).toBe(await stateHash(documents, sourceId));
      expect(await found(state)).toEqual(await found(source));
      const behind = log.slice(applied.length);
      for (const entry of behind) await receiver.log.append([entryOf(receiverId, entry)]);
      await applyAll(source, behind, sourceRound);
      await applyAll(state, behind, receiverRound);
      expect(await stateHash(receiver.documents, receiverId)).toBe(await stateHash(documents, sourceId));
      expect(await found(state)).toEqual(await found(source));
      for (const { requestId } of log) expect(state.requests.get(requestId)).toEqual(source.requests.get(requestId));
      await receiver.close();
    }),
    { numRuns: 150 },
  );
});

test('the same log up to the same entry is the same hash, however it was gathered into rounds', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ log, rounds }) => {
      const hashes = await Promise.all(
        [...rounds, log.length].map(async (round) => {
          const documents = new MemoryDocuments();
          const state = await loadState(documents, sourceId);
          await applyAll(state, log, round);
          return await stateHash(documents, sourceId);
        }),
      );
      expect(new Set(hashes).size).toBe(1);
    }),
    { numRuns: 50 },
  );
});

test.for(['ids', 'points', 'vectors', 'meta'] as const)('one other row among the %s is another hash', async (family) => {
  const [entry] = logOf([{ draft: { kind: 'upsert', points: [{ id: 1n, x: 1, titled: true }] }, newEpoch: false }]);
  const documents = new MemoryDocuments();
  const state = await loadState(documents, sourceId);
  await applyAll(state, entry ? [entry] : [], 1);
  const hash = await stateHash(documents, sourceId);
  const keys = new DocumentKeys(sourceId);
  const other = { ids: keys.id(2n), points: keys.point(0), vectors: keys.vector(1, 0), meta: keys.request(1n) }[family];
  await documents.write([{ kind: 'put', family, key: other, value: Buffer.alloc(12) }]);
  expect(await stateHash(documents, sourceId)).not.toBe(hash);
});

test('writers go on while a snapshot is read, and it shows exactly the moment when it was opened', async () => {
  await fc.assert(
    fc.asyncProperty(logs, logs, async (first, second) => {
      const documents = new MemoryDocuments();
      const source = await loadState(documents, sourceId);
      await applyAll(source, first, 4);
      const hash = await stateHash(documents, sourceId);
      await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 100 });
      const later = second.map((entry) => ({ ...entry, sequence: entry.sequence + BigInt(first.length), epoch: entry.epoch + 100n }));
      const rows = later.map((entry) =>
        entry.operation.kind === 'upsert'
          ? {
              ...entry,
              operation: { ...entry.operation, points: entry.operation.points.map((point) => ({ ...point, row: point.row + 1000 })) },
            }
          : entry,
      );
      const parts = await ReceivedParts.open(memoryDisk().mount());
      const writing = applyAll(source, rows, 2);
      await handOver(reader, parts);
      await writing;
      expect(source.appliedSequence).toBe(BigInt(first.length + second.length));
      const receiver = await target();
      await installSnapshot({ parts, position: reader.position, bytes: parts.bytes }, receiver);
      expect(reader.position.sequence).toBe(BigInt(first.length));
      expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
      await receiver.close();
    }),
    { numRuns: 50 },
  );
});

test('a small replica takes little memory to send', async () => {
  const documents = new MemoryDocuments();
  const points = [{ id: 1n, x: 1, titled: true }];
  await applyAll(await loadState(documents, sourceId), logOf([{ draft: { kind: 'upsert', points }, newEpoch: false }]), 1);
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId });
  const memory: number[] = [];
  for await (const piece of reader.read(1)) if (piece.kind === 'data') memory.push(piece.bytes.buffer.byteLength);
  expect(memory).toHaveLength(1);
  expect(memory[0]).toBeLessThan(100_000);
});

test.for([
  { how: 'to its end gives its memory back', left: false },
  { how: 'and left leaves it to what may still wait to be sent', left: true },
])('a snapshot that is read $how', async ({ left }) => {
  const documents = new MemoryDocuments();
  const points = [{ id: 1n, x: 1, titled: true }];
  await applyAll(await loadState(documents, sourceId), logOf([{ draft: { kind: 'upsert', points }, newEpoch: false }]), 1);
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId });
  const sent: Buffer[] = [];
  for await (const piece of reader.read(1)) {
    if (piece.kind === 'data') sent.push(piece.bytes);
    if (piece.kind === 'part-ended' && left) break;
  }
  expect(sent.map(({ length }) => length > 0)).toEqual([left]);
});

test('a replica that has applied nothing has no snapshot to give', async () => {
  await expect(openSnapshot({ view: new MemoryDocuments().snapshot(), replicaId: sourceId })).rejects.toThrow(NoSnapshotError);
});
