/** Cutting and putting together again, and what no cutter of ours would have made. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxPayloadBytes, readFrame, type PayloadKind } from './frames.ts';
import { LinkError } from './link-error.ts';
import { maxFrameBytes } from './link-limits.ts';
import { MessageAssembly } from './message-assembly.ts';
import { MessageCutter } from './message-cutter.ts';

function message(number: number, ...pieceBytes: readonly number[]) {
  const pieces = pieceBytes.map((bytes, index) => Buffer.alloc(bytes, number * 31 + index));
  return { pieces, byteLength: pieces.reduce((sum, { length }) => sum + length, 0) };
}

const size = fc.oneof(fc.nat(200), fc.nat(5_000), fc.integer({ min: maxPayloadBytes - 10, max: maxPayloadBytes + 10 }), fc.nat(300_000));

test('messages come out whole and in order, however they are cut', () => {
  const messages = fc.array(fc.array(size, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
  const allowances = fc.array(fc.nat(150_000), { minLength: 1 });
  fc.assert(
    fc.property(messages, allowances, (sizes, allowed) => {
      const sent = sizes.map((pieces, index) => message(index, ...pieces));
      const cutter = new MessageCutter();
      for (const each of sent) cutter.add(each);
      const assembly = new MessageAssembly();
      const arrived: Buffer[] = [];
      let ended = 0;
      for (let turn = 0; arrived.length < sent.length; turn++) {
        // Now and then all is allowed, so that it comes to an end.
        const allowance = allowed[turn % (allowed.length + 1)] ?? Infinity;
        const cut = cutter.cut(allowance);
        if (cut === undefined) continue;
        expect(cut.frame.length).toBeLessThanOrEqual(maxFrameBytes);
        expect(cut.messageBytes).toBeLessThanOrEqual(allowance);
        const frame = readFrame(cut.frame);
        if ('payload' in frame) arrived.push(...assembly.take(frame.kind, frame.payload));
        ended += cut.messages;
        expect(ended).toBe(arrived.length);
      }
      expect(cutter.queuedBytes).toBe(0);
      expect(cutter.cut(Infinity)).toBeUndefined();
      expect(arrived.every((bytes, index) => Buffer.concat(sent[index]?.pieces ?? []).equals(bytes))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('many small messages that wait go as one frame', () => {
  const cutter = new MessageCutter();
  for (let index = 0; index < 500; index++) cutter.add(message(index, 100));
  expect(cutter.cut(Infinity)).toMatchObject({ messages: 500, messageBytes: 50_000 });
});

describe('refused', () => {
  const first = (total: number, part: number) => Buffer.concat([u32(total), Buffer.alloc(part)]);
  test.for<[string, readonly (readonly [PayloadKind, Buffer])[], string]>([
    ['a frame without a message', [['whole', Buffer.of()]], 'without a message'],
    ['a length cut short', [['whole', Buffer.of(1, 0)]], 'cut short'],
    ['a message longer than its frame', [['whole', Buffer.concat([u32(2), Buffer.of(1)])]], 'longer than its frame'],
    ['a part without its beginning', [['rest', Buffer.of(1)]], 'without its beginning'],
    ['a beginning without a part', [['first', first(100, 0)]], 'is empty'],
    ['a beginning that is all', [['first', first(10, 10)]], 'all of it'],
    ['a beginning cut short', [['first', Buffer.of(1)]], 'is empty'],
    ['a message above the limit', [['first', first(1001, 1)]], 'above the limit of 1000'],
    [
      'a second beginning',
      [
        ['first', first(10, 1)],
        ['first', first(10, 1)],
      ],
      'begins before the end',
    ],
    [
      'a whole message between',
      [
        ['first', first(10, 1)],
        ['whole', Buffer.concat([u32(0)])],
      ],
      'before the end of another',
    ],
    [
      'an empty part',
      [
        ['first', first(10, 1)],
        ['rest', Buffer.of()],
      ],
      'part of a message is empty',
    ],
    [
      'a part too long',
      [
        ['first', first(10, 1)],
        ['rest', Buffer.alloc(10)],
      ],
      'longer than it said',
    ],
  ])('%s', ([, frames, because]) => {
    const assembly = new MessageAssembly(1000);
    const before = frames.slice(0, -1);
    for (const [kind, payload] of before) expect(assembly.take(kind, payload)).toEqual([]);
    const [kind, payload] = frames.at(-1) ?? ['rest', Buffer.of()];
    expect(() => assembly.take(kind, payload)).toThrow(because);
    expect(() => new MessageAssembly().take('rest', Buffer.of(1))).toThrow(LinkError);
  });
});

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
