import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { coversAllHashes, groupByRange, hashedBytes, lastHash, rangeOf, type HashRange } from './router.ts';
import { loadXxh64 } from './xxh64.ts';

const littleEndian = (bytes: Uint8Array) => Buffer.from(bytes).readBigUInt64LE();
const cuts = fc.uniqueArray(fc.bigInt(0n, lastHash - 1n), { maxLength: 40 });

function rangesCutAfter(bounds: readonly bigint[]): readonly HashRange[] {
  const lasts = [...bounds, lastHash].sort((a, b) => (a < b ? -1 : 1));
  return lasts.map((last, index) => ({ first: index === 0 ? 0n : (lasts[index - 1] ?? 0n) + 1n, last }));
}

test('the range found is the one that holds the hash', () => {
  fc.assert(
    fc.property(cuts, fc.bigInt(0n, lastHash), (bounds, hash) => {
      const ranges = rangesCutAfter(bounds);
      expect(rangeOf(hash, ranges)).toBe(ranges.findIndex(({ first, last }) => first <= hash && hash <= last));
    }),
  );
});

test('ranges cover all hashes until one of them is missing, moved or doubled', () => {
  fc.assert(
    fc.property(cuts, fc.nat(), (bounds, pick) => {
      const ranges = rangesCutAfter(bounds);
      const index = pick % ranges.length;
      expect(coversAllHashes(ranges)).toBe(true);
      expect(coversAllHashes(ranges.toSpliced(index, 1))).toBe(false);
      expect(coversAllHashes(ranges.toSpliced(index, 0, ...ranges.slice(index, index + 1)))).toBe(false);
    }),
  );
});

test('grouping keeps every item once, in its order', () => {
  fc.assert(
    fc.property(cuts, fc.array(fc.bigInt(0n, lastHash)), (bounds, ids) => {
      const ranges = rangesCutAfter(bounds);
      const groups = groupByRange(ids, (id) => id, ranges, littleEndian);
      for (const [index, group] of groups) expect(group).toEqual(ids.filter((id) => rangeOf(id, ranges) === index));
      expect([...groups.values()].flat()).toHaveLength(ids.length);
    }),
  );
});

test.for([
  [1n, '0100000000000000'],
  [2n ** 64n - 2n, 'feffffffffffffff'],
  ['00112233-4455-6677-8899-aabbccddeeff', '00112233445566778899aabbccddeeff'],
] as const)('%s is hashed as %s', ([id, expected]) => {
  expect(hashedBytes(id).toString('hex')).toBe(expected);
});

test('the hash is xxh64 with seed 0', async () => {
  const hash = await loadXxh64();
  expect(hash(Buffer.from(''))).toBe(0xef46db3751d8e999n);
  expect(hash(Buffer.from('abc'))).toBe(0x44bc2cf5ad770999n);
});
