import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Body } from '../../replication/messages.ts';
import { LinkError } from './link-error.ts';
import type { LinkMessage } from './link-message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';

const counter = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const question = fc.nat(Number.MAX_SAFE_INTEGER);
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const position = fc.record({ sequence: counter, epoch: counter });
const envelope = fc.record({ shard: text, epoch: counter, from: text, to: text });

const plain: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ kind: fc.constant('snapshot'), position }),
  fc.record({ kind: fc.constantFrom('ask', 'confirmed'), question }),
  fc.record({ kind: fc.constant('fresh'), question, committed: counter, inForce: fc.array(text, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('appended'), upTo: counter, applied: counter }),
  fc.record({ kind: fc.constant('mismatch'), firstPossible: counter }),
  fc.record({ kind: fc.constantFrom('refused', 'hello', 'damaged', 'leaving') }),
);
const plainMessage: fc.Arbitrary<LinkMessage> = fc
  .tuple(envelope, plain)
  .map(([around, body]) => ({ message: { ...around, ...body }, bodies: [] }));

const body = fc.record({ requestId: text, operation: fc.uint8Array({ maxLength: 300 }) });
const appendMessage: fc.Arbitrary<LinkMessage> = fc
  .tuple(
    envelope,
    fc.array(body, { maxLength: 8 }),
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 62n }), { minLength: 10, maxLength: 10 }),
    fc.bigInt({ min: 0n, max: 2n ** 62n }),
    counter,
    counter,
  )
  .map(([around, bodies, epochs, sequence, inherited, committed]) => {
    const grown = epochs.toSorted((a, b) => Number(a - b));
    const entries = bodies.map((_, index) => ({ sequence: sequence + BigInt(index) + 1n, epoch: grown[index + 1] ?? 0n }));
    const previous = { sequence, epoch: grown[0] ?? 0n };
    const epoch = grown[9] ?? 0n;
    return { message: { ...around, epoch, kind: 'append', previous, entries, inherited, committed }, bodies };
  });

const anyMessage = fc.oneof(plainMessage, appendMessage);

function bytesOf(message: LinkMessage): Buffer {
  const { pieces, byteLength } = encodeMessage(message);
  const bytes = Buffer.concat(pieces);
  expect(bytes).toHaveLength(byteLength);
  return bytes;
}

/** Operations as plain bytes, whatever class holds them. */
function comparable({ message, bodies }: LinkMessage) {
  return { message, bodies: bodies.map(({ requestId, operation }) => ({ requestId, operation: [...operation] })) };
}

test('what is encoded is what is decoded', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(comparable(decodeMessage(bytesOf(message)))).toEqual(comparable(message));
    }),
  );
});

test('an operation is not copied, neither way', () => {
  const operation = Buffer.from('operation');
  const append = oneEntry(operation);
  expect(encodeMessage(append).pieces[1]).toBe(operation);
  const bytes = bytesOf(append);
  expect(decodeMessage(bytes).bodies[0]?.operation.buffer).toBe(bytes.buffer);
});

describe('bytes that nobody of ours wrote', () => {
  test('noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcomeOf(Buffer.from(bytes))).toSatisfy(isMessageOrRefusal);
      }),
    );
  });

  test('a message with bytes changed', () => {
    const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyMessage, change, (message, changes) => {
        const bytes = bytesOf(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        expect(outcomeOf(bytes)).toSatisfy(isMessageOrRefusal);
      }),
    );
  });

  test('a message cut short anywhere, or too long', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), (message, at) => {
        const bytes = bytesOf(message);
        expect(() => decodeMessage(bytes.subarray(0, at % bytes.length))).toThrow(LinkError);
        expect(() => decodeMessage(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('1 bytes are left over');
      }),
    );
  });

  const { message } = oneEntry(Buffer.from('x'));
  test.for<[string, LinkMessage, (whole: Buffer) => void, string]>([
    ['unknown kind', { message: { ...message, kind: 'refused' }, bodies: [] }, (whole) => whole.writeUInt8(77, 0), 'unknown kind 77'],
    ['kind 0', { message: { ...message, kind: 'refused' }, bodies: [] }, (whole) => whole.writeUInt8(0, 0), 'unknown kind 0'],
    [
      'over-large epoch',
      { message: { ...message, kind: 'hello' }, bodies: [] },
      (whole) => whole.writeBigUInt64LE(2n ** 63n, 8),
      'too large',
    ],
    [
      'over-large question',
      { message: { ...message, kind: 'ask', question: 1 }, bodies: [] },
      (whole) => whole.writeBigUInt64LE(2n ** 53n, whole.length - 8),
      'too large for a number',
    ],
    [
      'more copies in force than bytes',
      { message: { ...message, kind: 'fresh', question: 1, committed: 1n, inForce: ['a'] }, bodies: [] },
      (whole) => whole.writeUInt32LE(3, whole.length - 7),
      'do not fit',
    ],
    ['text that is not UTF-8', { message: { ...message, kind: 'hello' }, bodies: [] }, (whole) => whole.writeUInt8(0xff, 3), 'not UTF-8'],
    ['text too long', { message: { ...message, kind: 'hello' }, bodies: [] }, (whole) => whole.writeUInt16LE(5000, 1), 'above the limit'],
    // Behind the count: epoch 8, text 2 + 1, operation length 4, operation 1.
    ['more entries than bytes', oneEntry(Buffer.from('x')), (whole) => whole.writeUInt32LE(2 ** 32 - 1, whole.length - 20), 'do not fit'],
    ['one entry too many', oneEntry(Buffer.from('x')), (whole) => whole.writeUInt32LE(2, whole.length - 20), 'do not fit'],
    ['operation too long', oneEntry(Buffer.from('x')), (whole) => whole.writeUInt32LE(2, whole.length - 5), 'cut short'],
    [
      'epoch goes back',
      oneEntry(Buffer.from('x')),
      (whole) => whole.writeBigUInt64LE(1n, whole.length - 16),
      'entry of epoch 1 behind one of 2',
    ],
    ['epoch of the future', oneEntry(Buffer.from('x')), (whole) => whole.writeBigUInt64LE(9n, whole.length - 16), 'entry of epoch 9'],
  ])('%s', ([, valid, spoil, because]) => {
    const whole = bytesOf(valid);
    spoil(whole);
    expect(() => decodeMessage(whole)).toThrow(because);
    expect(outcomeOf(whole)).toSatisfy(isMessageOrRefusal);
  });
});

test.for<[string, LinkMessage, string]>([
  ['a body too few', { ...oneEntry(Buffer.of()), bodies: [] }, 'one body for each entry'],
  [
    'a body where none belongs',
    { message: { ...oneEntry(Buffer.of()).message, kind: 'hello' }, bodies: [{ requestId: '', operation: Buffer.of() }] },
    'one body for each entry',
  ],
  [
    'a negative number',
    { message: { ...oneEntry(Buffer.of()).message, kind: 'mismatch', firstPossible: -1n }, bodies: [] },
    '-1 is no counter',
  ],
])('a mistake of ours is not sent: %s', ([, message, because]) => {
  expect(() => encodeMessage(message)).toThrow(because);
});

function oneEntry(operation: Buffer): LinkMessage {
  const previous = { sequence: 6n, epoch: 2n };
  const around = { shard: 'shard', epoch: 3n, from: 'from', to: 'to' };
  const entries = [{ sequence: 7n, epoch: 3n }];
  return {
    message: { ...around, kind: 'append', previous, entries, inherited: 1n, committed: 5n },
    bodies: [{ requestId: 'r', operation }],
  };
}

/** Nothing else, whatever the bytes. */
function isMessageOrRefusal(outcome: unknown): boolean {
  return outcome instanceof Error ? outcome instanceof LinkError && outcome.reason === 'bad message' : outcome !== undefined;
}

function outcomeOf(bytes: Buffer): unknown {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    return error;
  }
}
