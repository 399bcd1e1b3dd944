/** Sources that lie, break off, are others than was thought, or say nothing: refused with a reason, counted, and nothing of it is kept. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { addService } from '@vectorcluster/proto/grpc-adapter.ts';
import {
  SnapshotService,
  type ReadSnapshotRequest,
  type ReadSnapshotResponseSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShardUnavailableError } from '../errors.ts';
import { fetchSnapshot, type FetchSnapshotOptions } from './fetch-snapshot.ts';
import { encodeFileHeader } from './part-format.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';
import { openSnapshot } from './snapshot-reader.ts';
import { applyAll, loadState, logOf, sourceId } from './state-fixture.ts';
import { fetchOptions, listen, serveSnapshots, valueOf } from './transfer-fixture.ts';

type Call = ServerWritableStream<ReadSnapshotRequest, MessageInitShape<typeof ReadSnapshotResponseSchema>>;
type Content = NonNullable<MessageInitShape<typeof ReadSnapshotResponseSchema>['content']>;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-hostile-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

const opened = { session: 's', format: 1, sequence: 5n, epoch: 1n, approximateBytes: 100n, families: ['ids', 'points', 'vectors', 'meta'] };
const say = (change: Partial<typeof opened> = {}): Content => ({ case: 'opened', value: { ...opened, ...change } });
const data = (bytes: Uint8Array): Content => ({ case: 'data', value: bytes });
const ended = (number: number, body: Uint8Array, change: { readonly bytes?: bigint; readonly sha256?: Uint8Array } = {}): Content => ({
  case: 'partEnded',
  value: { number, bytes: BigInt(body.length), sha256: createHash('sha256').update(body).digest(), ...change },
});
const rows = Buffer.from([1, 0, 1, 0, 1, 0, 0, 0, 9, 9]); // one row of ids
const file = (name: string): Buffer => Buffer.concat([encodeFileHeader({ name, offset: 0, size: 2 }), Buffer.from('ab')]);
const finished = (change: { readonly rows?: bigint[] } = {}): Content => {
  const digest = createHash('sha256').update(createHash('sha256').update(rows).digest()).digest();
  return { case: 'finished', value: { parts: 1, bytes: BigInt(rows.length), rows: [1n, 0n, 0n, 0n], digest, ...change } };
};

/** Says the same to everyone, and then ends. */
async function saying(contents: readonly Content[]) {
  const readSnapshot = (call: Call): void => {
    for (const content of contents) call.write({ content });
    call.end();
  };
  return await listen((server) => addService(server, SnapshotService, { readSnapshot }, () => ({ code: status.INTERNAL, details: '' })));
}

async function refusalOf(options: FetchSnapshotOptions): Promise<unknown> {
  return await fetchSnapshot(options).then(
    () => 'taken',
    (error: unknown) => error,
  );
}

const impatient = async (port: number): Promise<FetchSnapshotOptions> => ({ ...fetchOptions(port, await newFolder()), silenceMs: 20 });
const newFolder = async (): Promise<string> => await mkdtemp(join(folder, 'parts-'));

test('what the lies are variations of is taken', async () => {
  await using source = await saying([say(), data(rows), ended(1, rows), finished()]);
  expect(await fetchSnapshot(fetchOptions(source.port, await newFolder()))).toMatchObject({
    position: { sequence: 5n, epoch: 1n },
    bytes: 10,
  });
});

test.for<[string, readonly Content[], string]>([
  ['a wrong checksum', [say(), data(rows), ended(1, rows, { sha256: Buffer.alloc(32) })], 'checksum'],
  ['no checksum', [say(), data(rows), ended(1, rows, { sha256: Buffer.alloc(0) })], 'checksum'],
  ['a part that has not the bytes it tells', [say(), data(rows), ended(1, rows, { bytes: 11n })], 'size'],
  ['a part cut short', [say(), data(rows.subarray(0, 9)), ended(1, rows.subarray(0, 9))], 'size'],
  ['a part too many', [say(), data(rows), ended(2, rows)], 'order'],
  ['the same part again', [say(), data(rows), ended(1, rows)], 'order'],
  ['no beginning', [data(rows), ended(1, rows)], 'order'],
  ['an end in the middle of a part', [say(), data(rows), finished()], 'order'],
  ['an end that counts other rows', [say(), data(rows), ended(1, rows), finished({ rows: [2n, 0n, 0n, 0n] })], 'summary'],
  ['an end that counts fewer families', [say(), data(rows), ended(1, rows), finished({ rows: [1n] })], 'summary'],
  ['an end without its parts', [say(), finished()], 'summary'],
  ['a family that is not known', [say({ families: ['ids', 'secrets'] })], 'content'],
  ['a family told twice', [say({ families: ['ids', 'ids'] })], 'content'],
  [
    'a row of a family that was not told',
    [say({ families: ['ids'] }), data(Buffer.from([1, 1, 0, 0, 0, 0, 0, 0])), ended(1, Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]))],
    'content',
  ],
  ['another format', [say({ format: 2 })], 'format'],
  ['nothing applied', [say({ sequence: 0n })], 'content'],
  ['a refusal without a reason', [{ case: 'refused', value: {} }], 'content'],
  ['a file outside of the folder', [say(), data(file('../../0-0.segment')), ended(1, file('../../0-0.segment'))], 'file-name'],
  ['an absolute path', [say(), data(file('/etc/cron.d/x')), ended(1, file('/etc/cron.d/x'))], 'file-name'],
  ['a disk full of bytes', [say({ approximateBytes: 2n ** 50n })], 'disk-full'],
])('refused: %s', async ([, contents, fault]) => {
  await using source = await saying(contents);
  const registry = new Registry();
  const parts = await newFolder();
  const refusal = await refusalOf(fetchOptions(source.port, parts, registry));
  expect(refusal).toBeInstanceOf(SnapshotRefusedError);
  expect(refusal).toMatchObject({ fault });
  expect(await valueOf(registry, 'vectorcluster_snapshot_faults_total', { fault })).toBeGreaterThan(0);
  expect((await readdir(parts)).filter((name) => name !== 'transfer.json' && name !== '00000001.part')).toEqual([]);
  expect((await readdir(folder)).filter((name) => !name.startsWith('parts-'))).toEqual([]);
});

test.for<[string, readonly Content[]]>([
  ['at once', []],
  ['after the beginning', [say()]],
  ['in the middle of a part', [say(), data(rows)]],
])('a source that always breaks off %s is given up', async ([, contents]) => {
  await using source = await saying(contents);
  expect(await refusalOf(fetchOptions(source.port, await newFolder()))).toBeInstanceOf(ShardUnavailableError);
});

test('a message larger than any of ours is not read', async () => {
  await using source = await saying([say(), data(Buffer.alloc(5 * 1024 * 1024))]);
  expect(await refusalOf(fetchOptions(source.port, await newFolder()))).toBeInstanceOf(ShardUnavailableError);
});

test('a source that says nothing is given up, and so is one that is not there or knows no snapshots', async () => {
  await using silent = await listen((server) => {
    addService(server, SnapshotService, { readSnapshot: () => {} }, () => ({ code: status.INTERNAL, details: '' }));
  });
  const gone = await saying([]);
  await gone[Symbol.asyncDispose]();
  await using older = await listen(() => {});
  expect(await refusalOf(await impatient(silent.port))).toBeInstanceOf(ShardUnavailableError);
  expect(await refusalOf(await impatient(gone.port))).toBeInstanceOf(ShardUnavailableError);
  expect(await refusalOf(await impatient(older.port))).toMatchObject({ fault: 'format' });
});

test('a node of another cluster refuses, and is counted there', async () => {
  await using source = await serveSnapshots({ open: async () => await Promise.reject(new Error('never asked')) });
  const options = { ...fetchOptions(source.port, await newFolder()), identity: { namespace: 'default', cluster: 'other' } };
  expect(await refusalOf(options)).toMatchObject({ fault: 'foreign-cluster', message: expect.stringContaining('default/other') });
  expect(await valueOf(source.registry, 'vectorcluster_snapshot_refused_total', { reason: 'foreign-cluster' })).toBe(1);
  expect(source.bugs).toEqual([]);
});

const log = logOf(
  Array.from({ length: 300 }, (_, x) => ({
    draft: { kind: 'upsert', points: Array.from({ length: 20 }, (__, y) => ({ id: BigInt(x * 20 + y), x, titled: true })) },
    newEpoch: false,
  })),
);

async function serveLog(options: Parameters<typeof serveSnapshots>[1] = {}) {
  const documents = new MemoryDocuments();
  await applyAll(await loadState(documents, sourceId), log, 20);
  return await serveSnapshots(
    { open: async () => await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 8192 }) },
    options,
  );
}

test('a disk that fills up on the way ends it, with nothing left on it', async () => {
  await using source = await serveLog();
  const registry = new Registry();
  const parts = await newFolder();
  let freeBytes = 2 ** 30;
  const room = async () => ({ totalBytes: 2 ** 30, freeBytes: (freeBytes -= 80 * 2 ** 20) });
  expect(await refusalOf({ ...fetchOptions(source.port, parts, registry), room })).toMatchObject({ fault: 'disk-full' });
  expect(await readdir(parts)).toEqual([]);
  expect(await valueOf(registry, 'vectorcluster_snapshot_bytes_total')).toBeGreaterThan(0);
});

test('a receiver that asks for a part that was never reached is told that there is no such snapshot', async () => {
  await using source = await serveLog();
  const parts = await newFolder();
  const stopping = new AbortController();
  const options = fetchOptions(source.port, parts);
  const metrics = { ...options.metrics, received: () => stopping.abort(new Error('stopped')) };
  await expect(fetchSnapshot({ ...options, metrics, signal: stopping.signal })).rejects.toThrow('stopped');
  expect(await fetchSnapshot(options)).toMatchObject({ position: { sequence: 300n } });
  expect(source.bugs).toEqual([]);
});

test('a receiver that takes nothing holds no connection, and can go on later', async () => {
  await using source = await serveLog({ stallMs: 20 });
  const options = fetchOptions(source.port, await newFolder());
  let rooms = 0;
  // The first look at the disk takes until the source has given the connection up.
  const room = async () => {
    if ((rooms += 1) === 1) await source.expire();
    return { totalBytes: 2 ** 40, freeBytes: 2 ** 40 };
  };
  expect(await fetchSnapshot({ ...options, room })).toMatchObject({ position: { sequence: 300n } });
  expect(source.bugs).toEqual([]);
});
