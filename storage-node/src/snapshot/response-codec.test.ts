import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ReadSnapshotResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { expect, test } from 'vitest';
import { responseSerializer, type Answer } from './response-codec.ts';

const serializeResponse = responseSerializer();
const data = (length: number): Answer => ({ content: { case: 'data', value: new Uint8Array(length).fill(7) } });

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
