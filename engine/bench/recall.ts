/**
 * CPU time of a search at a given recall, and of building the graph:
 *
 *   VECTOR_THREADS=1 node engine/bench/recall.ts float32|int8 FOLDER [FOLDER…]
 *
 * CPU time is shown twice: of the whole process, and without the thread of JavaScript (promises, arguments and wake-ups), which is what a
 * library called from C++ would use.
 * Recall counts a hit whose score reaches the tenth true score, because the data has duplicates.
 */
import { createSegment } from '../src/vectors/native-segment.ts';
import { nativeAddon } from '../src/vectors/native-addon.ts';
import type { SlotBitset, VectorSegment } from '../src/vectors/vector-segment.ts';
import { readDataSet } from './data-set.ts';
import type { DataSet } from './data-set.ts';

const k = 10;
const expansions = [10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 160, 192];
const targets = [0.95, 0.98, 0.99];
const rounds = 5;
const inFlight = 16;

interface Measured {
  readonly expansion: number;
  readonly recall: number;
  readonly cpuMicroseconds: number;
  readonly poolMicroseconds: number;
}

function allSlots(count: number): SlotBitset {
  const bits = new Uint32Array(Math.ceil(count / 32)).fill(0xffffffff);
  if (count % 32 !== 0) bits[bits.length - 1] = 2 ** (count % 32) - 1;
  return bits;
}

async function build(data: DataSet, traversal: 'float32' | 'int8'): Promise<{ segment: VectorSegment; perCpuSecond: number }> {
  const segment = createSegment({
    dimension: data.dimension,
    metric: 'cosine',
    capacity: data.count,
    connectivity: 16,
    expansionAdd: 128,
    traversal,
  });
  const batch = 1000;
  const before = process.cpuUsage();
  for (let from = 0; from < data.count; from += batch) {
    const to = Math.min(from + batch, data.count);
    const slots = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    segment.put(slots, data.vectors.subarray(from * data.dimension, to * data.dimension));
  }
  await segment.index(data.count);
  return { segment, perCpuSecond: data.count / (cpuMicrosecondsSince(before) / 1e6) };
}

function cpuMicrosecondsSince(before: NodeJS.CpuUsage): number {
  const used = process.cpuUsage(before);
  return used.user + used.system;
}

async function measure(data: DataSet, segment: VectorSegment, expansion: number): Promise<Measured> {
  const allowed = allSlots(data.count);
  const search = (query: number) =>
    segment.search({
      vector: data.queries[query] ?? new Float32Array(),
      k,
      expansion,
      exact: false,
      allowed,
      allowedCount: data.count,
    });
  let found = 0;
  const passes: { all: number; pool: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    found = 0;
    const before = process.cpuUsage();
    const threadBefore = process.threadCpuUsage();
    for (let from = 0; from < data.queries.length; from += inFlight) {
      const queries = Array.from({ length: Math.min(inFlight, data.queries.length - from) }, (_, i) => from + i);
      const answers = await Promise.all(queries.map(search));
      for (const [i, answer] of answers.entries()) {
        const least = (data.truthScores[from + i]?.[k - 1] ?? Infinity) - 1e-5;
        found += answer.scores.reduce((hits, score) => hits + (score >= least ? 1 : 0), 0);
      }
    }
    const thread = process.threadCpuUsage(threadBefore);
    const all = cpuMicrosecondsSince(before);
    passes.push({ all: all / data.queries.length, pool: (all - thread.user - thread.system) / data.queries.length });
  }
  return {
    expansion,
    recall: found / (data.queries.length * k),
    cpuMicroseconds: Math.min(...passes.map((pass) => pass.all)),
    poolMicroseconds: Math.min(...passes.map((pass) => pass.pool)),
  };
}

/** Between the two measured points around the target, linearly. */
function cpuAtRecall(points: readonly Measured[], target: number, of: 'cpuMicroseconds' | 'poolMicroseconds'): number | undefined {
  const above = points.findIndex((point) => point.recall >= target);
  const upper = points[above];
  const lower = points[above - 1];
  if (upper === undefined || lower === undefined) return upper?.[of];
  const share = (target - lower.recall) / (upper.recall - lower.recall);
  return lower[of] + share * (upper[of] - lower[of]);
}

const print = (line: string) => process.stdout.write(`${line}\n`);

print(`kernels ${nativeAddon.kernels}, threads ${nativeAddon.threads}`);
const [traversal, ...folders] = process.argv.slice(2);
if (traversal !== 'float32' && traversal !== 'int8') throw new Error('first argument: float32 or int8');
for (const folder of folders) {
  const data = readDataSet(folder);
  const { segment, perCpuSecond } = await build(data, traversal);
  print(`\n${folder}: ${data.count} vectors, ${Math.round(perCpuSecond)} built per CPU-second`);
  const points: Measured[] = [];
  for (const expansion of expansions) {
    const point = await measure(data, segment, expansion);
    points.push(point);
    print(
      `  ef ${String(expansion).padStart(3)}  recall@10 ${point.recall.toFixed(4)}  ${point.cpuMicroseconds.toFixed(0)} CPU-us a query, ${point.poolMicroseconds.toFixed(0)} in the pool`,
    );
  }
  for (const target of targets) {
    const [all, pool] = (['cpuMicroseconds', 'poolMicroseconds'] as const).map((of) => cpuAtRecall(points, target, of)?.toFixed(0));
    print(all === undefined ? `  recall ${target} not reached` : `  at recall ${target}: ${all} CPU-us a query, ${pool} in the pool`);
  }
  segment[Symbol.dispose]();
}
