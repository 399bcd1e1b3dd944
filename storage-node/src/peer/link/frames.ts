/**
 * Frames of proto/vectorcluster/peer/v1/link.proto as bytes. Those with messages inside are written and read by hand, since generated
 * code would copy them once more in each direction; the test compares both.
 */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { LinkFrameSchema, type Grant, type Heartbeat, type Hello } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/link_pb.ts';
import { LinkError } from './link-error.ts';
import { maxFrameBytes } from './link-limits.ts';

/** A key of one byte and a length of at most three. */
export const maxPayloadBytes = maxFrameBytes - 4;
/** In front of a whole message, and in front of the first part of a long one. */
export const lengthBytes = 4;

export type PayloadKind = 'whole' | 'first' | 'rest';

export type Frame =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: PayloadKind; readonly payload: Buffer };

/** Field number and wire type 2, length-delimited. */
const keys = { whole: 0x22, first: 0x2a, rest: 0x32 } as const satisfies Record<PayloadKind, number>;
const payloadKinds: ReadonlyMap<number, PayloadKind> = new Map([
  [keys.whole, 'whole'],
  [keys.first, 'first'],
  [keys.rest, 'rest'],
]);

export function controlFrame(frame: Exclude<MessageInitShape<typeof LinkFrameSchema>['frame'], undefined>): Buffer {
  const bytes = toBinary(LinkFrameSchema, create(LinkFrameSchema, { frame }));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A frame with room for the payload, and where that begins. */
export function payloadFrame(kind: PayloadKind, payloadBytes: number): { readonly frame: Buffer; readonly from: number } {
  const from = payloadBytes < 1 << 7 ? 2 : payloadBytes < 1 << 14 ? 3 : 4;
  const frame = Buffer.allocUnsafe(from + payloadBytes);
  frame[0] = keys[kind];
  for (let at = 1, left = payloadBytes; at < from; at++, left >>>= 7) frame[at] = (left & 0x7f) | (at < from - 1 ? 0x80 : 0);
  return { frame, from };
}

/** Payloads are views of `bytes`. Throws LinkError 'bad frame'. */
export function readFrame(bytes: Buffer): Frame {
  if (bytes.length > maxFrameBytes)
    throw new LinkError('bad frame', `a frame of ${bytes.length} bytes is above the limit of ${maxFrameBytes}`);
  const kind = payloadKinds.get(bytes[0] ?? 0);
  return kind === undefined ? readControl(bytes) : { kind, payload: readPayload(bytes) };
}

function readPayload(bytes: Buffer): Buffer {
  let length = 0;
  let at = 1;
  for (let shift = 0; shift <= 14; shift += 7) {
    const byte = bytes[at++] ?? 0x80;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    if (shift === 14) throw new LinkError('bad frame', 'the length of a frame is not a number of at most three bytes');
  }
  if (at + length !== bytes.length) throw new LinkError('bad frame', `a frame says ${length} bytes and holds ${bytes.length - at}`);
  return bytes.subarray(at);
}

function readControl(bytes: Buffer): Frame {
  const { frame } = decoded(bytes);
  switch (frame.case) {
    case 'hello':
      return { kind: 'hello', hello: frame.value };
    case 'heartbeat':
      return { kind: 'heartbeat', heartbeat: frame.value };
    case 'grant':
      return { kind: 'grant', grant: frame.value };
    // Frames with payloads begin with their own key, and are read elsewhere.
    case 'whole':
    case 'first':
    case 'rest':
    case undefined:
      throw new LinkError('bad frame', 'a frame of unknown kind');
  }
}

function decoded(bytes: Buffer) {
  try {
    return fromBinary(LinkFrameSchema, bytes);
  } catch (error) {
    throw new LinkError('bad frame', 'a frame is not readable', { cause: error });
  }
}
