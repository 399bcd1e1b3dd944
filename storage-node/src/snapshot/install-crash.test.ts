/**
 * The power goes at every step of an installation, on disks and documents that lose what was not synced: what is found afterwards is the
 * replica as it was, nothing at all, or the whole snapshot; and then the same snapshot can be installed.
 */
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { MemoryDisk, type CrashOptions } from '@vectorcluster/engine/log/memory-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import { DocumentKeys } from '../shard/document-keys.ts';
import { CrashingDocuments } from '../shard/shard-world.ts';
import { emptyUnfinished, installSnapshot, installedPosition, type InstallTarget } from './install-snapshot.ts';
import { ReceivedParts } from './received-parts.ts';
import { applyAll, entryOf, handOver, loadState, logOf, receiverId, sourceId } from './state-fixture.ts';
import { openSnapshot, type SnapshotReader } from './snapshot-reader.ts';
import { stateHash } from './state-hash.ts';

const pastLog = logOf([1, 2, 3].map((x) => ({ draft: { kind: 'upsert', points: [{ id: BigInt(x), x, titled: true }] }, newEpoch: false })));
const newLog = logOf(
  Array.from({ length: 40 }, (_, x) => ({
    draft: { kind: 'upsert', points: [{ id: BigInt(x), x, titled: x % 2 === 0 }] },
    newEpoch: x % 7 === 0,
  })),
);
const segment = '0-0.segment';

/** One node that fails at the step `failAt`, counted over everything that it does to its disks. */
class Machine {
  steps = 0;
  failAt = Infinity;
  readonly #random: () => number;
  readonly #disks: Readonly<Record<'log' | 'folder' | 'segments' | 'parts', MemoryDisk>>;
  readonly #documents = new CrashingDocuments();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const disk = (): MemoryDisk => new MemoryDisk({ random: this.#random, onOperation: () => this.#step() });
    this.#disks = { log: disk(), folder: disk(), segments: disk(), parts: disk() };
  }

  async start(): Promise<{ readonly target: InstallTarget; readonly parts: ReceivedParts }> {
    const { log, folder, segments, parts } = this.#disks;
    const target = { replicaId: receiverId, folder: folder.mount(), segments: segments.mount(), log: await openLog({ disk: log.mount() }) };
    return { target: { ...target, documents: this.#counted(this.#documents.open()) }, parts: await ReceivedParts.open(parts.mount()) };
  }

  crash(keep: CrashOptions['keep']): void {
    this.failAt = Infinity;
    for (const disk of Object.values(this.#disks)) disk.crash({ keep });
    this.#documents.crash(this.#random());
  }

  #step(): void {
    this.steps += 1;
    if (this.steps >= this.failAt) throw new Error('the power is gone');
  }

  #counted(documents: Documents): Documents {
    return {
      get: async (family, keys) => await documents.get(family, keys),
      iterate: (family, range) => documents.iterate(family, range),
      approximateBytes: async (family, range) => await documents.approximateBytes(family, range),
      snapshot: () => documents.snapshot(),
      write: async (batch) => {
        this.#step();
        await documents.write(batch);
      },
      flush: async () => {
        this.#step();
        await documents.flush();
      },
      [Symbol.asyncDispose]: async () => await documents[Symbol.asyncDispose](),
    };
  }
}

/** With a past of its own, and a segment file of it, all durable; the snapshot lies ready beside it. */
async function prepare(machine: Machine, reader: SnapshotReader) {
  const { target, parts } = await machine.start();
  const state = await loadState(target.documents, receiverId);
  for (const entry of pastLog) await target.log.append([entryOf(receiverId, entry)]);
  await applyAll(state, pastLog, 1);
  await target.documents.flush();
  await using file = await target.segments.open(segment);
  await file.append([Buffer.from('of the past')]);
  await file.sync();
  await target.segments.syncFolder();
  await handOver(reader, parts);
  return { target, parts };
}

async function look({ documents, log, folder, segments }: InstallTarget) {
  let rows = 0;
  for (const family of ['ids', 'points', 'vectors', 'meta'] as const) {
    for await (const _ of documents.iterate(family, new DocumentKeys(receiverId).all)) rows += 1;
  }
  return {
    hash: await stateHash(documents, receiverId),
    rows,
    entries: await entriesOf(log),
    files: await segments.list(),
    begins: await installedPosition(folder),
  };
}

async function entriesOf(log: Log): Promise<number> {
  let entries = 0;
  if (log.replicas.includes(receiverId)) for await (const _ of log.read(receiverId, log.extent(receiverId).first)) entries += 1;
  return entries;
}

test.for(['none', 'all', 'prefix', 'subset'] as const)('unsynced names and bytes that survive: %s', { timeout: 60_000 }, async (keep) => {
  const documents = new MemoryDocuments();
  await applyAll(await loadState(documents, sourceId), newLog, 4);
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 512 });
  const whole = await stateHash(documents, sourceId);
  const outcomes = { past: 0, nothing: 0, whole: 0 };
  for (let failAt = 1, finished = false; !finished; failAt += 1) {
    const machine = new Machine(failAt);
    const { target, parts } = await prepare(machine, reader);
    const past = await look(target);
    machine.failAt = machine.steps + failAt;
    finished = await installSnapshot({ parts, position: reader.position, bytes: parts.bytes }, target).then(
      () => true,
      () => false,
    );
    machine.crash(keep);
    const again = await machine.start();
    await emptyUnfinished(again.target);
    const seen = await look(again.target);
    const isPast = seen.hash === past.hash;
    const isWhole = seen.hash === whole;
    const ofWhole = { hash: whole, entries: 0, files: [], begins: reader.position };
    const ofNothing = { rows: 0, entries: 0, files: [], begins: undefined };
    expect(seen).toMatchObject(isPast ? past : isWhole ? ofWhole : ofNothing);
    outcomes[isPast ? 'past' : isWhole ? 'whole' : 'nothing'] += 1;
    expect(finished && !isWhole).toBe(false);
    // Whatever is left of the parts is either all that is needed or known not to be.
    if (!again.parts.isComplete) {
      await again.parts.clear();
      await handOver(reader, again.parts);
    }
    await installSnapshot({ parts: again.parts, position: reader.position, bytes: 0 }, again.target);
    expect((await look(again.target)).hash).toBe(whole);
  }
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
});

test.for(['none', 'all', 'prefix', 'subset'] as const)('while an unfinished installation is emptied; what survives: %s', async (keep) => {
  const documents = new MemoryDocuments();
  await applyAll(await loadState(documents, sourceId), newLog, 4);
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 512 });
  for (let failAt = 1, finished = false; !finished; failAt += 1) {
    const machine = new Machine(failAt);
    const { target, parts } = await prepare(machine, reader);
    await installSnapshot({ parts, position: reader.position, bytes: parts.bytes }, target);
    for (const entry of newLog.slice(0, 3)) await target.log.append([entryOf(receiverId, { ...entry, sequence: entry.sequence + 40n })]);
    await handOver(reader, parts);
    machine.failAt = machine.steps + 20;
    await expect(installSnapshot({ parts, position: reader.position, bytes: parts.bytes }, target)).rejects.toThrow('power');
    machine.crash('all');
    const second = await machine.start();
    machine.failAt = machine.steps + failAt;
    finished = await emptyUnfinished(second.target).then(
      () => true,
      () => false,
    );
    machine.crash(keep);
    const { target: third } = await machine.start();
    const wasUnfinished = await emptyUnfinished(third);
    expect(finished && wasUnfinished).toBe(false);
    expect(await look(third)).toMatchObject({ rows: 0, entries: 0, files: [], begins: undefined });
  }
});

test('after an installation the log goes on behind the snapshot, and is found again so', async () => {
  const documents = new MemoryDocuments();
  await applyAll(await loadState(documents, sourceId), newLog.slice(0, 30), 4);
  await using reader = await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, partBytes: 512 });
  const machine = new Machine(1);
  const { target, parts } = await prepare(machine, reader);
  await installSnapshot({ parts, position: reader.position, bytes: parts.bytes }, target);
  for (const entry of newLog.slice(30, 35)) await target.log.append([entryOf(receiverId, entry)]);
  machine.crash('none');
  const { target: again } = await machine.start();
  expect(again.log.extent(receiverId)).toEqual({ first: 31n, last: 35n });
  for (const entry of newLog.slice(35)) await again.log.append([entryOf(receiverId, entry)]);
  machine.crash('subset');
  expect((await machine.start()).target.log.extent(receiverId)).toEqual({ first: 31n, last: 40n });
});
