import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { collectionObjectName, shardObjectName } from './names.ts';

test.for([
  ['products', 'shop-products-0a3e27b8'],
  ['My Books (2026)', 'shop-my-books-2026-a90869ce'],
  ['本', 'shop-83831c3f'],
] as const)('collection %s is the object %s', ([collection, expected]) => {
  expect(collectionObjectName('shop', collection)).toBe(expected);
});

test('every collection name gives a valid object name that leaves room for shards', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 255, unit: 'binary' }), fc.nat(1023), (collection, index) => {
      const name = collectionObjectName('a'.repeat(30), collection);
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      expect(shardObjectName(name, 'some-uid', index)).toMatch(/^[a-z0-9][-a-z0-9]{1,88}$/);
    }),
  );
});

test('names that look alike as slugs are different objects', () => {
  expect(collectionObjectName('shop', 'a b')).not.toBe(collectionObjectName('shop', 'a-b'));
});
