import { expect, test } from 'vitest';
import type { DiskFile } from './disk.ts';
import type { Log } from './log.ts';
import { MemoryDisk } from './memory-disk.ts';
import { openLog } from './node-log.ts';
import { seededRandom } from './seeded-random.ts';

const slow = '0'.repeat(32);
const busy = '1'.repeat(32);

async function append(log: Log, replica: string, from: number, count: number, bytes: number): Promise<void> {
  for (let sequence = from; sequence < from + count; sequence += 1) {
    await log.append([{ replica, epoch: 1n, sequence: BigInt(sequence), requestId: `r${sequence}`, operation: Buffer.alloc(bytes, 7) }]);
  }
}

async function sequences(log: Log, from: bigint, to?: bigint): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of log.read(slow, from, to)) found.push(Number(sequence));
  return found;
}

test('a window from the middle reads its own bytes and little else', async () => {
  const disk = new MemoryDisk({ random: seededRandom(1) });
  const mounted = disk.mount();
  const reads: number[] = [];
  const counting = {
    ...mounted,
    open: async (path: string): Promise<DiskFile> => {
      const file = await mounted.open(path);
      const read = (offset: number, length: number): Promise<Buffer> => {
        reads.push(length);
        return file.read(offset, length);
      };
      return Object.assign(Object.create(file), { read });
    },
  };
  await using log = await openLog({ disk: counting });
  for (let each = 1; each <= 100; each += 1) {
    await append(log, slow, each, 1, 1000);
    await append(log, busy, each, 1, each % 10 === 0 ? 40_000 : 10);
  }
  reads.length = 0;
  expect(await sequences(log, 50n, 69n)).toEqual(Array.from({ length: 20 }, (_, index) => 50 + index));
  expect(reads).toHaveLength(3);
  expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(25_000);
});

test.for([
  { from: 3n, to: 2n, expected: [] },
  { from: 3n, to: 3n, expected: [3] },
  { from: 4n, to: 9n, expected: [4, 5] },
  { from: 6n, to: 9n, expected: [] },
])('entries $from to $to of 1 to 5', async ({ from, to, expected }) => {
  await using log = await openLog({ disk: new MemoryDisk({ random: seededRandom(1) }).mount() });
  await append(log, slow, 1, 5, 10);
  expect(await sequences(log, from, to)).toEqual(expected);
});

test('a window that is being read stays whole while its files are copied forward and removed, and its entries are released', async () => {
  const disk = new MemoryDisk({ random: seededRandom(1) });
  let removed = 0;
  let copied = 0;
  const metrics = {
    batchSynced: () => {},
    segmentMade: () => {},
    segmentRemoved: () => (removed += 1),
    entriesCopied: () => (copied += 1),
  };
  await using log = await openLog({ disk: disk.mount(), segmentBytes: 1000, copyForwardBytes: 2000, metrics });
  await append(log, slow, 1, 5, 600);
  const found: number[] = [];
  for await (const { sequence } of log.read(slow, 1n)) {
    if (found.length === 0) {
      await append(log, busy, 1, 20, 500);
      log.releaseUpTo(busy, 20n);
      await append(log, busy, 21, 20, 500);
      log.releaseUpTo(slow, 3n);
    }
    found.push(Number(sequence));
  }
  expect(found).toEqual([1, 2, 3, 4, 5]);
  expect({ removed: removed > 5, copied: copied > 0 }).toEqual({ removed: true, copied: true });
  expect(await sequences(log, 4n)).toEqual([4, 5]);
});
