/** Frames of HTTP/2 (RFC 9113) and header blocks without compression (RFC 7541): as much as one call to a storage node needs. Pure. */
export const frameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
} as const;

/** A bit means one thing in each type of frame: 1 is `ack` of SETTINGS and PING, `endStream` of DATA and HEADERS. */
export const flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0: the connection. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** What comes is not HTTP/2, or not as it was agreed. */
export class Http2FrameError extends Error {
  override readonly name = 'Http2FrameError';
}

export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const headBytes = 9;

/** The largest that may be sent to who does not ask for more. */
const maxPayloadBytes = 16_384;

export function encodeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const frame = Buffer.alloc(headBytes + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  payload.copy(frame, headBytes);
  return frame;
}

/** Literal fields, which nobody has to remember; pseudo headers first. */
export function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(fields).flatMap(([name, value]) => [Buffer.alloc(1), stringLiteral(name), stringLiteral(value)]));
}

function stringLiteral(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([lengthPrefix(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits: what does not fit follows seven bits at a time, the lowest first. */
function lengthPrefix(length: number): Buffer {
  const most = 127;
  if (length < most) return Buffer.from([length]);
  const bytes = [most];
  let left = length - most;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

/** What DATA carries. Throws Http2FrameError. */
export function withoutPadding({ flags, payload }: Frame): Buffer {
  if ((flags & flag.padded) === 0) return payload;
  const padding = payload[0] ?? 0;
  if (padding >= payload.length) throw new Http2FrameError('a frame with more padding than it holds');
  return payload.subarray(1, payload.length - padding);
}

export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete with this chunk. Throws Http2FrameError. */
  *take(chunk: Buffer): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= headBytes) {
      const length = bytes.readUIntBE(0, 3);
      if (length > maxPayloadBytes) throw new Http2FrameError('what comes is not HTTP/2');
      const end = headBytes + length;
      if (bytes.length < end) break;
      const frame = {
        type: bytes.readUInt8(3),
        flags: bytes.readUInt8(4),
        stream: bytes.readUInt32BE(5) & 0x7fff_ffff,
        payload: bytes.subarray(headBytes, end),
      };
      bytes = bytes.subarray(end);
      yield frame;
    }
    // A copy: a slice would keep the whole chunk, and there are thousands of readers.
    this.#rest = Buffer.from(bytes);
  }
}
