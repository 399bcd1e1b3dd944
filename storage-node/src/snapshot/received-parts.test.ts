/** What a receiver keeps of the parts that come in, over cuts and crashes; and what it does not take. */
import { createHash } from 'node:crypto';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import { encodeFileHeader } from './part-format.ts';
import { ReceivedParts } from './received-parts.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';
import { openSnapshot, type SnapshotReader } from './snapshot-reader.ts';
import { applyAll, bodiesOf, handOver, loadState, logOf, sourceId, transferOf } from './state-fixture.ts';

const log = logOf(
  Array.from({ length: 60 }, (_, x) => ({
    draft: { kind: 'upsert', points: [{ id: BigInt(x), x, titled: x % 3 === 0 }] },
    newEpoch: false,
  })),
);

async function openReader(): Promise<SnapshotReader> {
  const documents = new MemoryDocuments();
  await applyAll(await loadState(documents, sourceId), log, 5);
  return await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 700 });
}

const newDisk = (): MemoryDisk => new MemoryDisk({ random: seededRandom(3) });
const hashOf = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest();

test('reading from any part that was reached gives the same parts again', async () => {
  await using reader = await openReader();
  const all = await bodiesOf(reader);
  expect(all.length).toBeGreaterThan(8);
  for (let first = 1; first <= all.length + 1; first += 1) expect(await bodiesOf(reader, first)).toEqual(all.slice(first - 1));
  expect(reader.reached).toBe(all.length + 1);
});

test('after a cut at any part, and in another process, it goes on with the next one', async () => {
  await using reader = await openReader();
  const disk = newDisk();
  const parts = (await bodiesOf(reader)).length;
  for (let cut = 2; cut <= parts; cut += 1) {
    const received = await ReceivedParts.open(disk.mount());
    expect(received).toMatchObject({ count: Math.max(0, cut - 2), isComplete: false });
    await handOver(reader, received, cut);
    expect(received.count).toBe(cut - 1);
  }
  const last = await ReceivedParts.open(disk.mount());
  await handOver(reader, last);
  expect(last).toMatchObject({ isComplete: true, count: parts, position: { sequence: 60n, epoch: 1n } });
});

test('what is complete is so after a power cut that takes all that was not synced', async () => {
  await using reader = await openReader();
  const disk = newDisk();
  await handOver(reader, await ReceivedParts.open(disk.mount()));
  disk.crash({ keep: 'none' });
  expect(await ReceivedParts.open(disk.mount())).toMatchObject({ isComplete: true });
});

test.for(['none', 'prefix', 'subset'] as const)('parts that a power cut (%s) took or tore are fetched again', async (keep) => {
  await using reader = await openReader();
  const whole = await bodiesOf(reader);
  const disk = newDisk();
  for (let round = 0; round < 20; round += 1) {
    const received = await ReceivedParts.open(disk.mount());
    await handOver(reader, received, 6);
    disk.crash({ keep, flippedBits: 2 });
  }
  const received = await ReceivedParts.open(disk.mount());
  await handOver(reader, received);
  const rows: unknown[] = [];
  for await (const part of received.read()) rows.push(part);
  expect(rows).toHaveLength(whole.length);
  expect(received.isComplete).toBe(true);
});

test('a part that is damaged on the disk counts no more, nor what follows it', async () => {
  await using reader = await openReader();
  const disk = newDisk();
  await handOver(reader, await ReceivedParts.open(disk.mount()));
  disk.damage('00000004.part', 50, 1);
  const again = await ReceivedParts.open(disk.mount());
  expect(again).toMatchObject({ count: 3, isComplete: false });
  await handOver(reader, again);
  expect(again.isComplete).toBe(true);
});

const row = (family: number, keyBytes: number, valueBytes: number, content: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt8(family, 1);
  header.writeUInt16LE(keyBytes, 2);
  header.writeUInt32LE(valueBytes, 4);
  return Buffer.concat([header, Buffer.from(content)]);
};
const piece = (name: string, offset: number, size: number, content: string): Buffer =>
  Buffer.concat([encodeFileHeader({ name, offset, size }), Buffer.from(content)]);

test.for<[string, Buffer, string]>([
  ['a family that was not told', row(4, 1, 1, 'ab'), 'content'],
  ['a row that is longer than its part', row(0, 1, 5, 'ab'), 'size'],
  ['the head of a row alone', Buffer.of(1, 0, 0), 'size'],
  ['a part of another kind', Buffer.of(7, 1, 2), 'content'],
  ['nothing', Buffer.alloc(0), 'content'],
  ['a file outside', piece('../0-0.segment', 0, 2, 'ab'), 'file-name'],
  ['a file far outside', piece('../../../../etc/passwd', 0, 2, 'ab'), 'file-name'],
  ['an absolute path', piece('/etc/0-0.segment', 0, 2, 'ab'), 'file-name'],
  ['a path with a zero byte', piece('0-0.segment\0', 0, 2, 'ab'), 'file-name'],
  ['a path below', piece('a/0-0.segment', 0, 2, 'ab'), 'file-name'],
  ['a file of another use', piece('replica.json', 0, 2, 'ab'), 'file-name'],
  ['a name cut short', piece('0-0.segment', 0, 2, '').subarray(0, 12), 'size'],
  ['a piece beyond the end of its file', piece('0-0.segment', 1, 2, 'ab'), 'size'],
  ['a piece that does not begin its file', piece('0-0.segment', 1, 9, 'ab'), 'order'],
])('a part is refused that holds %s', async ([, body, fault]) => {
  await using reader = await openReader();
  const parts = await ReceivedParts.open(newDisk().mount());
  await parts.begin(transferOf(reader));
  const refusal = await parts.add(1, body, hashOf(body)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SnapshotRefusedError);
  expect(refusal).toMatchObject({ fault });
  expect(parts.count).toBe(0);
});

test('a part is refused whose checksum is another, or that is not the next one', async () => {
  await using reader = await openReader();
  const [first, second] = await bodiesOf(reader);
  const parts = await ReceivedParts.open(newDisk().mount());
  await parts.begin(transferOf(reader));
  const add = async (number: number, body: Buffer = Buffer.alloc(0), sha256: Buffer = Buffer.alloc(32)) =>
    await parts.add(number, body, sha256);
  await expect(add(1, first?.body, second?.sha256)).rejects.toMatchObject({ fault: 'checksum' });
  await expect(add(1, first?.body.subarray(1), first?.sha256)).rejects.toMatchObject({ fault: 'checksum' });
  await expect(add(2, second?.body, second?.sha256)).rejects.toMatchObject({ fault: 'order' });
  await add(1, first?.body, first?.sha256);
  await expect(add(1, first?.body, first?.sha256)).rejects.toMatchObject({ fault: 'order' });
});

test.for<[string, readonly Buffer[], string]>([
  ['two files by turns', [piece('0-0.segment', 0, 9, 'ab'), piece('0-1.segment', 0, 9, 'ab')], 'order'],
  ['a file twice', [piece('0-0.segment', 0, 2, 'ab'), piece('0-0.segment', 0, 2, 'ab')], 'order'],
  ['a file whose size changes', [piece('0-0.segment', 0, 9, 'ab'), piece('0-0.segment', 2, 8, 'ab')], 'order'],
  ['a piece left out', [piece('0-0.segment', 0, 9, 'ab'), piece('0-0.segment', 3, 9, 'ab')], 'order'],
])('pieces are refused that are %s', async ([, bodies, fault]) => {
  await using reader = await openReader();
  const parts = await ReceivedParts.open(newDisk().mount());
  await parts.begin(transferOf(reader));
  const adding = async (): Promise<void> => {
    for (const [index, body] of bodies.entries()) await parts.add(index + 1, body, hashOf(body));
  };
  await expect(adding()).rejects.toMatchObject({ fault });
});

test('an end is refused that counts other parts, rows or bytes, or has another digest', async () => {
  await using reader = await openReader();
  const parts = await ReceivedParts.open(newDisk().mount());
  await handOver(reader, parts, 5);
  let summary;
  for await (const each of reader.read(1)) if (each.kind === 'finished') summary = each.summary;
  await expect(parts.complete(summary ?? { parts: 0, bytes: 0, rows: [], digest: Buffer.alloc(0) })).rejects.toMatchObject({
    fault: 'summary',
  });
  expect((summary?.rows ?? []).slice(0, 2)).toEqual([60, 60]);
  await handOver(reader, parts);
  for (const change of [{ parts: 1 }, { bytes: 1 }, { rows: [1, 2, 3, 4] }, { digest: Buffer.alloc(32) }]) {
    const wrong = { parts: 0, bytes: 0, rows: [], digest: Buffer.alloc(0), ...summary, ...change };
    await expect(parts.complete(wrong)).rejects.toMatchObject({ fault: 'summary' });
  }
});
