/** Answers as bytes: those that carry data, nearly all there is, with one copy; the others by the generated code. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { serializer } from '@vectorcluster/proto/grpc-adapter.ts';
import { ReadSnapshotResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';

export type Answer = MessageInitShape<typeof ReadSnapshotResponseSchema>;

const serializeAny = serializer(ReadSnapshotResponseSchema);
/** Field 2, length-delimited. */
const dataTag = (2 << 3) | 2;
const lengthBytesMax = 5;
/** The memory that grpc-js takes for an answer with data, and for five bytes before it. */
const frames = new WeakMap<Answer, ArrayBuffer>();

/**
 * Uses the same memory for all messages with data, which grpc-js copies one after the other, and sees into what. Memory of their own each,
 * left to the collector, would make it look through the whole heap for every few of them.
 */
export function responseSerializer(): (answer: Answer) => Buffer {
  let memory = Buffer.alloc(0);
  return (answer) => {
    const { content } = answer;
    if (content?.case !== 'data' || !(content.value instanceof Uint8Array)) return serializeAny(answer);
    const { value } = content;
    const bytesMax = 1 + lengthBytesMax + value.length;
    if (memory.length < bytesMax) memory = Buffer.allocUnsafeSlow(bytesMax);
    let at = memory.writeUInt8(dataTag, 0);
    let rest = value.length;
    for (; rest > 127; rest = Math.floor(rest / 128)) at = memory.writeUInt8((rest % 128) + 128, at);
    at = memory.writeUInt8(rest, at);
    memory.set(value, at);
    const message = memory.subarray(0, at + value.length);
    message.copy = (frame, ...range) => {
      const { buffer, byteLength } = frame;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) frames.set(answer, buffer);
      return Buffer.prototype.copy.call(message, frame, ...range);
    };
    return message;
  };
}

/** The kernel has the answer: lets go of the memory that grpc-js took for it. */
export function releaseSent(answer: Answer): void {
  frames.get(answer)?.transfer(0);
}
