/** The limit of what a cluster can do: the same vectors in one segment of this process, searched without anything around it. */
import { createSegment } from '@vectorcluster/engine/vectors/native-segment.ts';
import type { VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import { dimension, type Dataset } from './dataset.ts';

const k = 10;

export interface BareEngine extends Disposable {
  /** CPU-µs a vector, put and indexed. */
  readonly buildMicroseconds: number;
  search(query: Float32Array, expansion: number, kind: 'all' | 'filtered'): Promise<Float32Array>;
  /** Score of the tenth best of each query, found by scanning. */
  truth(kind: 'all' | 'filtered'): Promise<readonly number[]>;
}

export async function bareEngine(data: Dataset): Promise<BareEngine> {
  const before = process.cpuUsage();
  const segment = createSegment({
    dimension,
    metric: 'cosine',
    capacity: 2 ** 16 * Math.ceil(data.count / 2 ** 16),
    connectivity: 16,
    expansionAdd: 100,
    traversal: 'int8',
  });
  segment.put(
    Uint32Array.from({ length: data.count }, (_, row) => row),
    data.vectors,
  );
  while ((await segment.index(1_024)) > 0);
  const { user, system } = process.cpuUsage(before);
  const allowed = { all: bitset(data, () => true), filtered: bitset(data, data.filter.matches) };
  const scores = async (request: { query: Float32Array; expansion: number; exact: boolean; kind: 'all' | 'filtered' }) =>
    await scoresOf(segment, { ...request, ...allowed[request.kind] });
  return {
    buildMicroseconds: (user + system) / data.count,
    search: async (query, expansion, kind) => await scores({ query, expansion, exact: false, kind }),
    truth: async (kind) => {
      const tenth: number[] = [];
      for (const query of data.queries) tenth.push((await scores({ query, expansion: k, exact: true, kind })).at(-1) ?? -2);
      return tenth;
    },
    [Symbol.dispose]: () => segment[Symbol.dispose](),
  };
}

interface Allowed {
  readonly bits: Uint32Array;
  readonly count: number;
}

async function scoresOf(
  segment: VectorSegment,
  { query, expansion, exact, bits, count }: { readonly query: Float32Array; readonly expansion: number; readonly exact: boolean } & Allowed,
): Promise<Float32Array> {
  const found = await segment.search({ vector: query, k, expansion: Math.max(k, expansion), exact, allowed: bits, allowedCount: count });
  return found.scores;
}

function bitset(data: Dataset, matches: Dataset['filter']['matches']): Allowed {
  const bits = new Uint32Array(Math.ceil(data.count / 32));
  let count = 0;
  for (const [row, payload] of data.payloads.entries()) {
    if (!matches(JSON.parse(payload))) continue;
    const word = row >> 5;
    bits[word] = ((bits[word] ?? 0) | (1 << (row & 31))) >>> 0;
    count += 1;
  }
  return { bits, count };
}
