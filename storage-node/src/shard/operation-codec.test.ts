import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointIdFromKey } from '../model/point-id.ts';
import { decodeOperation, encodeOperation, OperationFormatError } from './operation-codec.ts';
import type { ResolvedOperation } from './resolved-operation.ts';

const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => pointIdFromKey(Buffer.concat([Buffer.of(1), bytes])));
const id = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), uuid);
const payload = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const vectors = fc
  .array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.float32Array({ maxLength: 6 })), { maxLength: 4 })
  .map((entries) => new Map(entries));
const row = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const operation: fc.Arbitrary<ResolvedOperation> = fc.oneof(
  fc.record({ kind: fc.constant('upsert' as const), points: fc.array(fc.record({ id, row, payload, vectors }), { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('delete' as const), ids: fc.array(id, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('set-payload' as const), ids: fc.array(id, { maxLength: 5 }), payload }),
);

test('operations come back from their bytes, wherever those lie', () => {
  fc.assert(
    fc.property(operation, fc.integer({ min: 0, max: 7 }), (written, offset) => {
      const bytes = encodeOperation(written);
      const elsewhere = new Uint8Array(offset + bytes.length + 3);
      elsewhere.set(bytes, offset);
      expect(decodeOperation(elsewhere.subarray(offset, offset + bytes.length))).toEqual(written);
    }),
  );
});

test('a point may have more vectors than a byte can count', () => {
  const many = new Map(Array.from({ length: 300 }, (_, at) => [`vector ${at}`, Float32Array.of(at)]));
  const written: ResolvedOperation = { kind: 'upsert', points: [{ id: 1n, row: 0, payload: Buffer.from('{}'), vectors: many }] };
  expect(decodeOperation(encodeOperation(written))).toEqual(written);
});

test('bytes cut short or with more behind them are refused', () => {
  fc.assert(
    fc.property(operation, fc.nat(), (written, cut) => {
      const bytes = encodeOperation(written);
      expect(() => decodeOperation(bytes.subarray(0, cut % bytes.length))).toThrow(OperationFormatError);
      expect(() => decodeOperation(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(OperationFormatError);
    }),
  );
});

test('damaged bytes give an operation or OperationFormatError, nothing else', () => {
  fc.assert(
    fc.property(operation, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, flipped) => {
      const bytes = encodeOperation(written);
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flipped;
      expect(outcomeOf(bytes)).toMatch(/^(upsert|delete|set-payload|OperationFormatError)$/);
    }),
    { numRuns: 1000 },
  );
});

function outcomeOf(bytes: Buffer): string {
  try {
    return decodeOperation(bytes).kind;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

test.for([
  ['of another version', [2, 1, 0, 0, 0, 0], 'format 2'],
  ['of an unknown kind', [1, 9, 0, 0, 0, 0], 'unknown kind 9'],
  ['that are none', [], 'cut short'],
  ['that claim four thousand million points', [1, 1, 255, 255, 255, 255], 'cut short'],
] as const)('bytes %s are refused with the reason', ([, bytes, reason]) => {
  expect(() => decodeOperation(Buffer.from(bytes))).toThrow(reason);
});
