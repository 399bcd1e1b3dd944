import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { LinkFrameSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/link_pb.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlFrame, maxPayloadBytes, payloadFrame, readFrame, type PayloadKind } from './frames.ts';
import { LinkError } from './link-error.ts';
import { maxFrameBytes } from './link-limits.ts';

const kinds: readonly PayloadKind[] = ['whole', 'first', 'rest'];
const sizes = [0, 1, 127, 128, 16_383, 16_384, maxPayloadBytes];

test.for(kinds.flatMap((kind) => sizes.map((bytes): [PayloadKind, number] => [kind, bytes])))(
  'a frame of kind %s with %i bytes is what generated code makes and reads',
  ([kind, bytes]) => {
    const { frame, from } = payloadFrame(kind, bytes);
    frame.fill(7, from);
    expect(frame.length).toBeLessThanOrEqual(maxFrameBytes);
    const value = new Uint8Array(bytes).fill(7);
    const generated = toBinary(LinkFrameSchema, create(LinkFrameSchema, { frame: { case: kind, value } }));
    expect(frame.equals(generated)).toBe(true);
    expect(fromBinary(LinkFrameSchema, frame).frame.case).toBe(kind);
    const read = readFrame(frame);
    expect(read).toMatchObject({ kind });
    expect('payload' in read && read.payload.equals(value)).toBe(true);
  },
);

test('other frames', () => {
  expect(readFrame(controlFrame({ case: 'heartbeat', value: { number: 5, echo: 4 } }))).toMatchObject({
    heartbeat: { number: 5, echo: 4 },
  });
  expect(readFrame(controlFrame({ case: 'grant', value: { totalBytes: 2n ** 40n } }))).toMatchObject({ grant: { totalBytes: 2n ** 40n } });
  expect(readFrame(controlFrame({ case: 'hello', value: { node: 'b' } }))).toMatchObject({ hello: { node: 'b', version: 0 } });
});

test.for<[string, Buffer, string]>([
  ['nothing', Buffer.of(), 'unknown kind'],
  ['an unknown field', Buffer.of(0x3a, 0), 'unknown kind'],
  ['no length', Buffer.of(0x22), 'not a number'],
  ['a length without end', Buffer.of(0x22, 0x80, 0x80, 0x80, 0x80, 0x01), 'three bytes'],
  ['too few bytes', Buffer.of(0x22, 2, 1), 'says 2 bytes and holds 1'],
  ['too many bytes', Buffer.of(0x2a, 1, 1, 1), 'says 1 bytes and holds 2'],
  ['a broken hello', Buffer.of(0x0a, 5, 1), 'not readable'],
  ['a frame too large', Buffer.alloc(maxFrameBytes + 1, 0x22), 'above the limit'],
])('refused: %s', ([, bytes, because]) => {
  expect(() => readFrame(bytes)).toThrow(because);
  expect(() => readFrame(bytes)).toThrow(LinkError);
});

test('noise is read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const outcome = readOrRefused(Buffer.from(bytes));
      expect(outcome instanceof LinkError || !(outcome instanceof Error)).toBe(true);
    }),
  );
});

function readOrRefused(bytes: Buffer): unknown {
  try {
    return readFrame(bytes);
  } catch (error) {
    return error;
  }
}
