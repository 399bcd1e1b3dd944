/**
 * What one replica does in one process: points upserted a second, and CPU microseconds of a search, all threads together.
 * `node storage-node/bench/replica.ts [points] [dimension]`; VECTOR_THREADS sets the threads of the engine.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CollectionConfig } from '../src/model/collection.ts';
import type { Filter } from '../src/model/filter.ts';
import type { SearchRequest } from '../src/model/query.ts';
import { alone, leadAlone } from '../test/lead-alone.ts';
import { openReplicaHost } from '../src/replica-host/replica-host.ts';
import { unlimitedCaches } from '../test/caches.ts';

const points = Number(process.argv[2] ?? 20_000);
const size = Number(process.argv[3] ?? 384);
const config: CollectionConfig = { vectors: new Map([['', { size, distance: 'Cosine', m: 16, efConstruct: 100 }]]) };
const unit = (): Float32Array => Float32Array.from({ length: size }, () => Math.random() - 0.5);

const folder = await mkdtemp(join(tmpdir(), 'replica-bench-'));
try {
  await using host = await openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory: folder,
    owner: { namespace: 'bench', cluster: 'bench', clusterUid: 'uid-of-bench' },
    logger: pino({ level: 'warn' }),
    newReplicaId: () => randomBytes(16).toString('hex'),
    onFatal: (error) => {
      throw error;
    },
  });
  const { replica: shard } = await host.open('shard', alone(config));
  await leadAlone(shard, 1n);

  let next = 0;
  for (const [batch, writers] of [
    [100, 1],
    [1000, 1],
    [100, 8],
  ] as const) {
    const batches = Math.ceil(points / 3 / batch);
    const prepared = Array.from({ length: batches }, () =>
      Array.from({ length: batch }, () => {
        const id = next++;
        const payload = { number: id, tenth: id % 10, hundredth: id % 100, text: `the text of point ${id}, about as long as a title` };
        return { id: BigInt(id), vectors: new Map([['', unit()]]), payload };
      }),
    );
    const began = measure();
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let at = writer; at < batches; at += writers) {
          await shard.write({ kind: 'upsert', points: prepared[at] ?? [] }, `${batch} ${writers} ${at}`, 'applied');
        }
      }),
    );
    report(`upsert, batches of ${batch}, ${writers} at a time`, batches * batch, began());
  }

  const indexing = measure();
  for (let left = 1; left > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { vectors, indexedVectors } = await shard.stats();
    left = vectors - indexedVectors;
  }
  report('rest of the graph', points, indexing());

  const variants: Readonly<Record<string, Partial<SearchRequest>>> = {
    'search, no payload': {},
    'search, payload': { withPayload: true },
    'search, one id of the filter': { filter: { must: [{ kind: 'has-id', ids: [5n, 6n, 7n] }], mustNot: [], should: [] } },
    'search, filter 10 %': { filter: ofKey('tenth') },
    'search, filter 1 %': { filter: ofKey('hundredth') },
  };
  for (const [name, variant] of Object.entries(variants)) {
    const count = variant.filter && !name.includes('id') ? 60 : 3000;
    const queries = Array.from({ length: count }, unit);
    const began = measure();
    for (const vector of queries) {
      const plain = { vectorName: '', vector, params: { exact: false }, limit: 10, withPayload: false, withVectors: false } as const;
      await shard.search({ ...plain, ...variant }, { kind: 'eventual' });
    }
    report(name, count, began());
  }
} finally {
  await rm(folder, { recursive: true });
}

function ofKey(key: string): Filter {
  return { must: [{ kind: 'match-value', key, value: 3n }], mustNot: [], should: [] };
}

function measure(): () => { readonly cpuMicroseconds: number; readonly seconds: number } {
  const cpu = process.cpuUsage();
  const began = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpuMicroseconds: user + system, seconds: (performance.now() - began) / 1000 };
  };
}

function report(what: string, count: number, spent: { readonly cpuMicroseconds: number; readonly seconds: number }): void {
  const perSecond = Math.round(count / spent.seconds);
  const each = (spent.cpuMicroseconds / count).toFixed(1);
  process.stdout.write(`${what.padEnd(44)} ${String(perSecond).padStart(8)} /s ${each.padStart(10)} us CPU each\n`);
}
