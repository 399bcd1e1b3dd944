import { mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { createSegment, openSegment } from '@vectorcluster/engine/vectors/native-segment.ts';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DocumentKeys } from '../shard/document-keys.ts';
import { PointCache } from '../shard/point-cache.ts';
import { ReplicaState } from '../shard/replica-state.ts';
import type { ResolvedOperation } from '../shard/resolved-operation.ts';
import { noSegmentFiles } from '../shard/segment-files.ts';
import { encodePoint } from '../shard/stored-point.ts';
import { Scrubber, type ScrubMetrics } from './scrubber.ts';

const left = 'aa'.repeat(16);
const right = 'bb'.repeat(16);
const size = 8;
const segmentOptions = { dimension: size, metric: 'dot', capacity: 512, connectivity: 8, expansionAdd: 32, traversal: 'int8' } as const;

/** Two replicas with entries, documents and a saved segment each. */
class Node implements AsyncDisposable {
  readonly folder: string;
  readonly log: Log;
  readonly documents: Documents;
  readonly counted = { bytes: new Map<string, number>(), found: new Map<string, number>(), passes: 0 };

  private constructor(folder: string, log: Log, documents: Documents) {
    this.folder = folder;
    this.log = log;
    this.documents = documents;
  }

  static async make(): Promise<Node> {
    const folder = await mkdtemp(join(tmpdir(), 'scrub-'));
    await mkdir(join(folder, 'log'));
    const node = await Node.open(folder);
    for (const [at, replica] of [left, right].entries()) await node.#fill(replica, at + 1);
    return node;
  }

  static async open(folder: string): Promise<Node> {
    const log = await openLog({ disk: await openFileDisk(join(folder, 'log')), segmentBytes: 64 * 1024, formatted: [left, right] });
    return new Node(folder, log, await openRocksDocuments(join(folder, 'documents')));
  }

  async scrub(replicas: readonly string[] = [left, right]): Promise<readonly string[]> {
    const metrics: ScrubMetrics = {
      bytesChecked: (kind, bytes) => this.counted.bytes.set(kind, (this.counted.bytes.get(kind) ?? 0) + bytes),
      found: (kind) => this.counted.found.set(kind, (this.counted.found.get(kind) ?? 0) + 1),
      passEnded: () => (this.counted.passes += 1),
    };
    const told: string[] = [];
    const scrubber = new Scrubber({
      log: this.log,
      documents: this.documents,
      replicas: () => replicas.map((replicaId) => ({ shard: replicaId.slice(0, 2), replicaId })),
      savedSegments: (shard) => join(this.folder, shard),
      onDamage: (replicaId, because) => told.push(`${replicaId.slice(0, 2)} damaged: ${because}`),
      onRebuild: (replicaId, because) => told.push(`${replicaId.slice(0, 2)} rebuild: ${because}`),
      pace: { passMs: 0, minBytesPerSecond: 1, maxBytesPerSecond: 1 },
      metrics,
      logger: pino({ level: 'silent' }),
      now: () => 0,
      sleep: async () => {},
      random: () => 0,
    });
    await scrubber.pass(0.4, new AbortController().signal);
    return told;
  }

  async close(): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    await this.documents[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true });
  }

  async #fill(replicaId: string, seed: number): Promise<void> {
    const random = seededRandom(seed);
    const state = await ReplicaState.load({
      replicaId,
      config: { vectors: new Map([['', { size, distance: 'Dot', m: 8, efConstruct: 32 }]]) },
      documents: this.documents,
      cache: new PointCache(1024).open(),
      createSegment,
      segmentFiles: () => noSegmentFiles,
      onIndexFailure: () => {},
    });
    let row = 0;
    for (let sequence = 1n; sequence <= 120n; sequence += 1n) {
      const operation = chosenOperation(random, row);
      if (operation.kind === 'upsert') row += operation.points.length;
      await state.apply([{ sequence, requestId: `r${sequence}`, operation }], 1n);
      await this.log.append([{ replica: replicaId, epoch: 1n, sequence, requestId: `r${sequence}`, operation: Buffer.alloc(900, seed) }]);
    }
    await state.close({ save: false });
    await this.documents.flush();
    using segment = createSegment(segmentOptions);
    const slots = Uint32Array.from({ length: 300 }, (_, slot) => slot);
    segment.put(
      slots,
      Float32Array.from({ length: 300 * size }, () => random() - 0.5),
    );
    while ((await segment.index(100)) > 0);
    await mkdir(join(this.folder, replicaId.slice(0, 2)));
    await segment.save(join(this.folder, replicaId.slice(0, 2), '0-0.segment'));
  }
}

function chosenOperation(random: () => number, row: number): ResolvedOperation {
  const ids = Array.from({ length: 4 }, () => BigInt(Math.floor(random() * 150)));
  const kind = random();
  if (kind < 0.1) return { kind: 'delete', ids };
  if (kind < 0.2) return { kind: 'set-payload', ids, payload: Buffer.from('{"b":2}') };
  const points = ids.map((id, at) => {
    const vectors = new Map(random() < 0.8 ? [['', Float32Array.from({ length: size }, random)]] : []);
    return { id, row: row + at, payload: Buffer.from(`{"text":"${'x'.repeat(200)}"}`), vectors };
  });
  return { kind: 'upsert', points };
}

async function flip(path: string, at: number): Promise<void> {
  await using file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  buffer.writeUInt8(buffer.readUInt8(0) ^ 8, 0);
  await file.write(buffer, 0, 1, at);
}

describe('scrubbing', () => {
  test('finds nothing where nothing is wrong, and counts every byte', async () => {
    await using node = await Node.make();
    expect(await node.scrub()).toEqual([]);
    expect(node.counted.passes).toBe(1);
    expect(node.counted.found.size).toBe(0);
    const logBytes = node.log.files.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(node.counted.bytes.get('log')).toBe(logBytes);
    const saved = await Promise.all(['aa', 'bb'].map((shard) => stat(join(node.folder, shard, '0-0.segment'))));
    expect(node.counted.bytes.get('saved')).toBe(saved.reduce((sum, file) => sum + file.size, 0));
    expect(node.counted.bytes.get('documents')).toBeGreaterThan(2 * 100 * 200);
  });

  test('names the replica of a log entry that was hit, and the log bars it', async () => {
    await using node = await Node.make();
    const path = join(node.folder, 'log', node.log.files[0]?.name ?? '');
    await flip(path, 30_000);
    expect(await node.scrub()).toEqual([expect.stringMatching(/^aa damaged: 000000000001\.log is damaged at byte \d+/)]);
    expect([...node.log.damaged.keys()]).toEqual([left]);
    expect(node.counted.found).toEqual(new Map([['damaged', 1]]));
  });

  test('tells of log bytes that nobody needs without barring anyone', async () => {
    await using node = await Node.make();
    node.log.releaseUpTo(left, 50n);
    await flip(join(node.folder, 'log', node.log.files[0]?.name ?? ''), 30_000);
    expect(await node.scrub()).toEqual([]);
    expect(node.counted.found).toEqual(new Map([['unneeded', 1]]));
    expect(node.log.damaged.size).toBe(0);
  });

  test('names the replica whose documents cannot be read', async () => {
    const made = await Node.make();
    await made.close();
    const folder = join(made.folder, 'documents');
    const tables = (await readdir(folder)).filter((name) => name.endsWith('.sst')).toSorted();
    const table = join(folder, tables[0] ?? '');
    await flip(table, Math.floor((await stat(table)).size / 2));
    await using node = await Node.open(made.folder);
    expect(await node.scrub()).toEqual([expect.stringMatching(/^aa damaged: documents of shard aa: .*checksum/)]);
  });

  test.for([
    {
      name: 'a point that is gone',
      tamper: (keys: DocumentKeys, row: number) => ({ kind: 'delete', family: 'points', key: keys.point(row) }) as const,
      expected: /row \d+, which an id names, has no point/,
    },
    {
      name: 'a point of another id',
      tamper: (keys: DocumentKeys, row: number) =>
        ({
          kind: 'put',
          family: 'points',
          key: keys.point(row),
          value: encodePoint({ id: 999n, version: 1n, payload: Buffer.from('{}') }),
        }) as const,
      expected: /row \d+, which an id names, is of another id/,
    },
    {
      name: 'a payload that is not JSON',
      tamper: (keys: DocumentKeys, row: number) =>
        ({
          kind: 'put',
          family: 'points',
          key: keys.point(row),
          value: encodePoint({ id: 999n, version: 1n, payload: Buffer.from('{') }),
        }) as const,
      expected: /a point cannot be decoded/,
    },
    {
      name: 'an id that is gone',
      tamper: (_keys: DocumentKeys, _row: number, id: Buffer) => ({ kind: 'delete', family: 'ids', key: id }) as const,
      expected: /whose id names another row/,
    },
    {
      name: 'a vector that is cut short',
      tamper: (keys: DocumentKeys, row: number) =>
        ({ kind: 'put', family: 'vectors', key: keys.vector(0, row), value: Buffer.alloc(12) }) as const,
      expected: /vector 0 of row \d+ has \d+ bytes/,
    },
    {
      name: 'a vector without a point',
      tamper: (keys: DocumentKeys) =>
        ({ kind: 'put', family: 'vectors', key: keys.vector(0, 77_777), value: Buffer.alloc(4 * size) }) as const,
      expected: /row 77777 has a vector and no point/,
    },
  ])('names the replica with $name', async ({ tamper, expected }) => {
    await using node = await Node.make();
    const keys = new DocumentKeys(right);
    const ids: { readonly key: Buffer; readonly value: Buffer }[] = [];
    for await (const each of node.documents.iterate('ids', keys.all)) ids.push(each);
    const chosen = ids[20];
    if (!chosen) throw new Error('there are too few ids');
    await node.documents.write([tamper(keys, chosen.value.readUInt32LE(0), chosen.key)]);
    const told = await node.scrub();
    expect(told).toEqual([expect.stringMatching(expected)]);
    expect(told[0]).toMatch(/^bb damaged/);
    expect(await node.scrub([left]), 'a replica that is being dropped is nobody’s business').toEqual([]);
  });

  test('removes a saved segment that is damaged anywhere, which costs the replica nothing', async () => {
    await using node = await Node.make();
    const path = join(node.folder, 'bb', '0-0.segment');
    for (const from of [3, 30, 50, 96, 200, 0.5, -1]) {
      await rm(path, { force: true });
      using segment = await openSegment(join(node.folder, 'aa', '0-0.segment'), segmentOptions);
      const bytes = await segment.save(path);
      await flip(path, from === 0.5 ? Math.floor(bytes / 2) : (from + bytes) % bytes);
      expect(await node.scrub(), `byte ${from}`).toEqual([expect.stringMatching(/^bb rebuild: saved segment/)]);
      await expect(stat(path)).rejects.toThrow(/ENOENT/);
    }
  });
});
