import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ReadSnapshotResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { expect, test } from 'vitest';
import { releaseSent, responseSerializer, type Answer } from './response-codec.ts';

const serializeResponse = responseSerializer();
const data = (length: number): Answer => ({ content: { case: 'data', value: new Uint8Array(length).fill(7) } });

/** As grpc-js does it. */
function framed(answer: Answer): Buffer {
  const bytes = serializeResponse(answer);
  const frame = Buffer.allocUnsafe(bytes.byteLength + 5);
  bytes.copy(frame, 5);
  return frame;
}

test('the memory that was taken for an answer is let go of when it is sent, that of the next one is not', () => {
  const [first, second] = [data(65_536), data(65_536)];
  const [sent, waiting] = [framed(first), framed(second)];
  expect(sent.subarray(5).equals(waiting.subarray(5))).toBe(true);
  releaseSent(first);
  expect([sent.buffer.byteLength, waiting.buffer.byteLength]).toEqual([0, waiting.length]);
});

test('memory that others use too is left alone', () => {
  const small = framed(data(3));
  releaseSent(data(3));
  expect(small.buffer.byteLength).toBe(Buffer.poolSize);
});

test.for<[string, Answer]>([
  ['no data', data(0)],
  ['a byte', data(1)],
  ['127 bytes', data(127)],
  ['128 bytes', data(128)],
  ['16,384 bytes', data(16_384)],
  ['a chunk', data(262_144)],
  ['a part that ended', { content: { case: 'partEnded', value: { number: 300, bytes: 5n, sha256: Uint8Array.of(1, 2) } } }],
  ['nothing', {}],
])('%s is what the generated code writes', ([, answer]) => {
  const bytes = serializeResponse(answer);
  expect(Buffer.compare(bytes, toBinary(ReadSnapshotResponseSchema, create(ReadSnapshotResponseSchema, answer)))).toBe(0);
  expect(fromBinary(ReadSnapshotResponseSchema, bytes).content.case).toBe(answer.content?.case);
});
