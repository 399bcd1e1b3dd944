import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashRange, partOfSpace } from './hash-range.ts';

test('one shard owns everything', () => {
  expect(hashRange(0, 1)).toEqual({ first: '0000000000000000', last: 'ffffffffffffffff' });
});

test('three shards', () => {
  expect([0, 1, 2].map((index) => hashRange(index, 3))).toEqual([
    { first: '0000000000000000', last: '5555555555555554' },
    { first: '5555555555555555', last: 'aaaaaaaaaaaaaaa9' },
    { first: 'aaaaaaaaaaaaaaaa', last: 'ffffffffffffffff' },
  ]);
});

test('ranges follow each other without gap or overlap, and each tells its place', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1024 }), (shards) => {
      let next = 0n;
      for (let index = 0; index < shards; index++) {
        const range = hashRange(index, shards);
        expect(BigInt(`0x${range.first}`)).toBe(next);
        next = BigInt(`0x${range.last}`) + 1n;
        expect(partOfSpace(range)).toEqual({ index, shards });
      }
      expect(next).toBe(2n ** 64n);
    }),
    { numRuns: 30 },
  );
});

test.for([
  { first: '0000000000000001', last: 'ffffffffffffffff' },
  { first: '8000000000000000', last: '7fffffffffffffff' },
])('a range that no cut gives is told apart: $first', (range) => {
  expect(partOfSpace(range)).toBeUndefined();
});
