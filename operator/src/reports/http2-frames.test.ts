import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, flag, FrameReader, frameType, headerBlock, Http2FrameError, withoutPadding, type Frame } from './http2-frames.ts';

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  stream: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  payload: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
});

test('law: frames come out as they went in, however the bytes were cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.infiniteStream(fc.integer({ min: 1, max: 50 })), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encodeFrame));
      const reader = new FrameReader();
      const got: Frame[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + (cuts.next().value ?? 1);
        got.push(...Array.from(reader.take(bytes.subarray(at, end)), (each) => ({ ...each, payload: Buffer.from(each.payload) })));
        at = end;
      }
      expect(got).toEqual(sent);
    }),
  );
});

test.for(['220 mail.example.org ESMTP', 'HTTP/1.1 400 Bad Request\r\n'])('%j is no HTTP/2', (text) => {
  expect(() => [...new FrameReader().take(Buffer.from(text))]).toThrow(Http2FrameError);
});

function padded(payload: readonly number[]): Buffer {
  return withoutPadding({ type: frameType.data, flags: flag.padded, stream: 1, payload: Buffer.from(payload) });
}

describe('padding', () => {
  test('is taken off', () => {
    expect([...padded([2, 7, 8, 0, 0])]).toEqual([7, 8]);
    expect([...padded([0, 7])]).toEqual([7]);
  });

  test.for([[[]], [[2, 0]], [[255]]])('%j is more than there is', ([payload]) => {
    expect(() => padded(payload ?? [])).toThrow(Http2FrameError);
  });
});

test.for<[number, readonly number[]]>([
  [126, [126]],
  [127, [127, 0]],
  [254, [127, 127]],
  [255, [127, 128, 1]],
  [1337, [127, 186, 9]],
])('a value of %d bytes has its length in front', ([length, prefix]) => {
  const block = headerBlock({ a: 'x'.repeat(length) });
  expect([...block.subarray(0, 3 + prefix.length)]).toEqual([0, 1, 97, ...prefix]);
  expect(block.length).toBe(3 + prefix.length + length);
});
