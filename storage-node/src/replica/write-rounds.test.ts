import { expect, test } from 'vitest';
import { BadInputError } from '../errors.ts';
import { decodeOperation } from '../shard/operation-codec.ts';
import { encodeEntry } from './write-rounds.ts';

test('a write that no message between nodes could hold is refused before it is logged', () => {
  const operation = { kind: 'delete', ids: [1n, 2n, 3n] } as const;
  const { byteLength } = encodeEntry(operation);
  expect(decodeOperation(encodeEntry(operation, byteLength))).toEqual(operation);
  expect(() => encodeEntry(operation, byteLength - 1)).toThrow(BadInputError);
});
