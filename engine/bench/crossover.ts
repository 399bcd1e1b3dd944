/**
 * From which share of allowed slots on a walk of the graph with a predicate is cheaper than a scan of the allowed rows:
 *
 *   VECTOR_THREADS=1 node engine/bench/crossover.ts float32|int8 FOLDER [COUNT]
 *
 * The constant walk_to_scan in native/segment.cc comes from here: allowed^2 / (expansion * indexed) where the two columns meet.
 */
import { createSegment } from '../src/vectors/native-segment.ts';
import { readDataSet } from './data-set.ts';

const k = 10;
const expansion = 64;
const queries = 100;
const shares = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3];

const [traversal, folder, countText] = process.argv.slice(2);
if ((traversal !== 'float32' && traversal !== 'int8') || folder === undefined)
  throw new Error('usage: crossover.ts float32|int8 FOLDER [COUNT]');
const data = readDataSet(folder);
const count = Number(countText ?? data.count);
const options = { dimension: data.dimension, metric: 'cosine', capacity: count, connectivity: 16, expansionAdd: 128, traversal } as const;
using segment = createSegment(options);
segment.put(
  Uint32Array.from({ length: count }, (_, i) => i),
  data.vectors.slice(0, count * data.dimension),
);
await segment.index(count);

for (const share of shares) {
  const allowed = new Uint32Array(Math.ceil(count / 32));
  let allowedCount = 0;
  for (let slot = 0; slot < count; slot++) {
    if (Math.imul(slot, 0x9e3779b1) >>> 0 >= share * 2 ** 32) continue;
    allowed[slot >>> 5] = (allowed[slot >>> 5] ?? 0) | (1 << (slot & 31));
    allowedCount++;
  }
  const scan = await cpuMicroseconds(allowed, allowedCount, true);
  // A count far too high makes the segment walk whatever it would have chosen.
  const walk = await cpuMicroseconds(allowed, 2 ** 40, false);
  const constant = (allowedCount * allowedCount) / (expansion * count);
  process.stdout.write(
    `${(share * 100).toFixed(0)} %: scan ${scan.toFixed(0)} us, walk ${walk.toFixed(0)} us, constant here ${constant.toFixed(1)}\n`,
  );
}

async function cpuMicroseconds(allowed: Uint32Array, allowedCount: number, exact: boolean): Promise<number> {
  const passes: number[] = [];
  for (let pass = 0; pass < 3; pass++) {
    const before = process.cpuUsage();
    await Promise.all(
      data.queries.slice(0, queries).map((vector) => segment.search({ vector, k, expansion, exact, allowed, allowedCount })),
    );
    const used = process.cpuUsage(before);
    passes.push((used.user + used.system) / queries);
  }
  return Math.min(...passes);
}
