/** Snapshots over real connections, from one RocksDB database to another. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeFolderDurably } from '../replica-host/durable-file.ts';
import type { ReplicaState } from '../shard/replica-state.ts';
import { fetchSnapshot } from './fetch-snapshot.ts';
import { installSnapshot, installTarget } from './install-snapshot.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import { openSnapshot, type SnapshotReader, type SnapshotSource } from './snapshot-reader.ts';
import { applyAll, entryOf, found, loadState, logOf, receiverId, sourceId, type LoggedOperation } from './state-fixture.ts';
import { stateHash } from './state-hash.ts';
import { cutting, fetchOptions, serveSnapshots, valueOf } from './transfer-fixture.ts';

const points = 4_000;
const log = logOf(
  Array.from({ length: points / 20 }, (_, batch) => ({
    draft: {
      kind: 'upsert' as const,
      points: Array.from({ length: 20 }, (__, index) => ({ id: BigInt(batch * 20 + index), x: index - batch, titled: index % 2 === 0 })),
    },
    newEpoch: batch % 50 === 0,
  })),
);
/** Small, so that there are many. */
const partBytes = 16 * 1024;

let folder = '';
let documents: Documents;
let state: ReplicaState;
let hash = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  documents = await openRocksDocuments(join(folder, 'source'));
  state = await loadState(documents, sourceId);
  await applyAll(state, log, 5);
  hash = await stateHash(documents, sourceId);
});
afterAll(async () => {
  await documents[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const source: SnapshotSource = {
  open: async (_, replicaId) => {
    if (replicaId !== sourceId) throw new NoSnapshotError(`replica ${replicaId} is not here`);
    return await openSnapshot({ view: documents.snapshot(), replicaId, partBytes });
  },
};

const newFolder = async (): Promise<string> => await mkdtemp(join(folder, 'parts-'));

/** What a fetched snapshot makes of an empty replica. */
async function installed(fetched: Awaited<ReturnType<typeof fetchSnapshot>>) {
  const home = await mkdtemp(join(folder, 'receiver-'));
  await makeFolderDurably(join(home, 'log'));
  const received = await openRocksDocuments(join(home, 'documents'));
  const receivedLog = await openLog({ disk: await openFileDisk(join(home, 'log')) });
  const target = await installTarget({ documents: received, log: receivedLog, replicaId: receiverId, folder: home });
  const position = await installSnapshot(fetched, target);
  return {
    position,
    documents: received,
    log: receivedLog,
    [Symbol.asyncDispose]: async () => {
      await receivedLog[Symbol.asyncDispose]();
      await received[Symbol.asyncDispose]();
    },
  };
}

test('a replica of thousands of points is the same on the other side, and stays so with the entries behind', async () => {
  await using serving = await serveSnapshots(source);
  const registry = new Registry();
  const fetched = await fetchSnapshot(fetchOptions(serving.port, await newFolder(), registry));
  await using receiver = await installed(fetched);
  expect(receiver.position).toEqual({ sequence: BigInt(log.length), epoch: log.at(-1)?.epoch });
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
  const copy = await loadState(receiver.documents, receiverId);
  expect(await found(copy)).toEqual(await found(state));
  expect(await valueOf(registry, 'vectorcluster_snapshot_bytes_total')).toBe(fetched.bytes);
  expect(serving.bugs).toEqual([]);
});

test('the source lets go of the memory of what it has sent, and leaves none to the collector', async () => {
  using taken = vi.spyOn(Buffer, 'allocUnsafe'); // by grpc-js, for each message
  const large = 100_000;
  const open = async () => await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: large });
  await using serving = await serveSnapshots({ open });
  const { bytes } = await fetchSnapshot(fetchOptions(serving.port, await newFolder()));
  const memory = taken.mock.results.flatMap(({ value }) => (Buffer.isBuffer(value) ? [value.buffer] : []));
  const released = memory.filter((each) => each instanceof ArrayBuffer && each.detached);
  expect(released.length).toBeGreaterThanOrEqual(Math.floor(bytes / large));
  expect(memory.filter(({ byteLength }) => byteLength > Buffer.poolSize)).toEqual([]);
});

test('writers go on while it is read slowly, and it shows what was applied when it was opened', async () => {
  const own = await openRocksDocuments(await mkdtemp(join(folder, 'written-')));
  const written = await loadState(own, sourceId);
  await applyAll(written, log, 5);
  let next = log.length;
  const write = async (): Promise<void> => {
    const template = log[next % log.length];
    if (template?.operation.kind !== 'upsert') throw new Error('the log has other entries');
    next += 1;
    const rows = template.operation.points.map((point) => ({ ...point, row: point.row + next * 20 }));
    const entry: LoggedOperation = { ...template, sequence: BigInt(next), epoch: 50n, operation: { kind: 'upsert', points: rows } };
    await applyAll(written, [entry], 1);
  };
  let opened = 0n;
  const writing: SnapshotSource = {
    open: async (_, replicaId) => {
      const reader = await openSnapshot({ view: own.snapshot(), replicaId, partBytes });
      opened = written.appliedSequence;
      return {
        position: reader.position,
        approximateBytes: reader.approximateBytes,
        get reached() {
          return reader.reached;
        },
        async *read(first) {
          for await (const piece of reader.read(first)) {
            if (piece.kind === 'part-ended') await write();
            yield piece;
          }
        },
        [Symbol.asyncDispose]: async () => await reader[Symbol.asyncDispose](),
      };
    },
  };
  await using serving = await serveSnapshots(writing);
  const fetched = await fetchSnapshot(fetchOptions(serving.port, await newFolder()));
  await using receiver = await installed(fetched);
  expect(opened).toBe(BigInt(log.length));
  expect(next - log.length).toBeGreaterThan(20);
  expect(receiver.position.sequence).toBe(opened);
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
  await own[Symbol.asyncDispose]();
});

/** Counts how often each part was read. */
function counting(reads: number[][]): SnapshotSource {
  return {
    open: async (shard, replicaId) => {
      const reader = await source.open(shard, replicaId);
      const counted: SnapshotReader = {
        position: reader.position,
        approximateBytes: reader.approximateBytes,
        get reached() {
          return reader.reached;
        },
        async *read(first) {
          const numbers: number[] = [];
          reads.push(numbers);
          for await (const piece of reader.read(first)) {
            if (piece.kind === 'part-ended') numbers.push(piece.number);
            yield piece;
          }
        },
        [Symbol.asyncDispose]: async () => await reader[Symbol.asyncDispose](),
      };
      return counted;
    },
  };
}

test.for([1, 2, 3, 4])('connections cut at random: it goes on behind the last part on the disk (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const reads: number[][] = [];
  await using serving = await serveSnapshots(counting(reads));
  await using cuts = await cutting(serving.port, (connection) => (connection > 12 ? Infinity : 5_000 + random() * 60_000));
  const fetched = await fetchSnapshot(fetchOptions(cuts.port, await newFolder()));
  await using receiver = await installed(fetched);
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
  expect(reads.length).toBeGreaterThan(3);
  // A connection begins with a part that the one before had sent or come to, and never further back than that one began.
  for (const [index, numbers] of reads.entries()) {
    const before = reads[index - 1];
    if (!before) continue;
    const first = numbers[0] ?? Infinity;
    expect(first).toBeGreaterThanOrEqual(before[0] ?? 1);
    expect(first).toBeLessThanOrEqual((before.at(-1) ?? 0) + 1);
  }
  expect(serving.bugs).toEqual([]);
});

test('when the source has closed it meanwhile, it begins anew with another', async () => {
  await using serving = await serveSnapshots(source);
  await using cuts = await cutting(serving.port, (connection) => (connection < 3 ? 60_000 : Infinity));
  const parts = await newFolder();
  const options = fetchOptions(cuts.port, parts);
  const atCut: number[] = [];
  const sleep = async (): Promise<void> => {
    atCut.push((await readdir(parts)).length);
    await serving.expire();
  };
  const fetched = await fetchSnapshot({ ...options, sleep });
  expect(Math.max(...atCut)).toBeGreaterThan(1);
  expect(await valueOf(serving.registry, 'vectorcluster_snapshot_refused_total', { reason: 'session-gone' })).toBeGreaterThan(0);
  await using receiver = await installed(fetched);
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
});

test('another process goes on where one was stopped, and what is complete needs no source', async () => {
  await using serving = await serveSnapshots(source);
  const parts = await newFolder();
  const stopping = new AbortController();
  await using cuts = await cutting(
    serving.port,
    (connection) => (connection === 1 ? 60_000 : Infinity),
    () => stopping.abort(new Error('stopped')),
  );
  const first = fetchSnapshot({ ...fetchOptions(cuts.port, parts), signal: stopping.signal });
  await expect(first).rejects.toThrow('stopped');
  const kept = (await readdir(parts)).filter((name) => name.endsWith('.part')).length;
  expect(kept).toBeGreaterThan(0);
  const registry = new Registry();
  const { bytes } = await fetchSnapshot(fetchOptions(serving.port, parts, registry));
  expect(await valueOf(registry, 'vectorcluster_snapshot_bytes_total')).toBeLessThan(bytes - (kept - 1) * partBytes);
  await serving[Symbol.asyncDispose]();
  const again = await fetchSnapshot(fetchOptions(serving.port, parts));
  await using receiver = await installed(again);
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
  expect(await readdir(parts)).toEqual([]);
});

test('parts of an older snapshot than is wanted, or of another source, are not gone on with', async () => {
  await using serving = await serveSnapshots(source);
  const parts = await newFolder();
  await fetchSnapshot(fetchOptions(serving.port, parts));
  const registry = new Registry();
  const options = fetchOptions(serving.port, parts, registry);
  await fetchSnapshot({ ...options, atLeast: BigInt(log.length) });
  expect(await valueOf(registry, 'vectorcluster_snapshot_bytes_total')).toBe(0);
  await expect(fetchSnapshot({ ...options, from: 'c0'.repeat(16) })).rejects.toMatchObject({ fault: 'unknown-replica' });
  expect(await readdir(parts)).toEqual([]);
  await fetchSnapshot(options);
  await documents.write([]); // nothing new is there: the same position is given again, and is too old
  await fetchSnapshot({ ...options, atLeast: BigInt(log.length + 1) });
  expect(await valueOf(registry, 'vectorcluster_snapshot_bytes_total')).toBeGreaterThan(partBytes);
});

test('one more than may be read at a time waits until it is told to come again', async () => {
  await using serving = await serveSnapshots(source, { sessionsMax: 1 });
  const stopping = new AbortController();
  await using cuts = await cutting(
    serving.port,
    () => 60_000,
    () => stopping.abort(new Error('stopped')),
  );
  const other = { ...fetchOptions(cuts.port, await newFolder()), receiver: 'b0'.repeat(16), signal: stopping.signal };
  await expect(fetchSnapshot(other)).rejects.toThrow('stopped');
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    if (waits.length === 2) await serving.expire();
  };
  const fetched = await fetchSnapshot({ ...fetchOptions(serving.port, await newFolder()), sleep });
  expect(waits.slice(0, 2)).toEqual([5_000, 5_000]);
  expect(await valueOf(serving.registry, 'vectorcluster_snapshot_refused_total', { reason: 'busy' })).toBe(waits.length);
  await using receiver = await installed(fetched);
  expect(await stateHash(receiver.documents, receiverId)).toBe(hash);
});

test('the log of a replica goes on behind the snapshot, on a real disk and over a restart', async () => {
  await using serving = await serveSnapshots(source);
  await using receiver = await installed(await fetchSnapshot(fetchOptions(serving.port, await newFolder())));
  const [entry] = log;
  if (!entry) throw new Error('the log is empty');
  await expect(receiver.log.append([entryOf(receiverId, { ...entry, sequence: BigInt(log.length + 1) })])).resolves.toBeUndefined();
  expect(receiver.log.extent(receiverId)).toEqual({ first: BigInt(log.length + 1), last: BigInt(log.length + 1) });
});
