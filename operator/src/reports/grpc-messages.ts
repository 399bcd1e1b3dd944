/** gRPC's framing of messages in a stream of bytes: a byte that says whether it is compressed, four of length, the message. */
const headBytes = 5;

export class GrpcFramingError extends Error {
  override readonly name = 'GrpcFramingError';
}

/** One message, not compressed, as it travels. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(headBytes + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, headBytes);
  return bytes;
}

export class GrpcMessages {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are complete with this chunk. Throws GrpcFramingError. */
  *take(chunk: Buffer): Generator<Buffer> {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    for (let needed = this.#needed(); this.#bytes >= needed; needed = this.#needed()) {
      const all = this.#joined();
      this.#parts = needed < all.length ? [all.subarray(needed)] : [];
      this.#bytes -= needed;
      yield all.subarray(headBytes, needed);
    }
  }

  /** Bytes until the message that has begun is whole; those of its head while that is not here. */
  #needed(): number {
    if (this.#bytes < headBytes) return headBytes;
    const head = this.#parts[0] !== undefined && this.#parts[0].length >= headBytes ? this.#parts[0] : this.#joined();
    if (head[0] !== 0) throw new GrpcFramingError('a compressed message, which was not asked for');
    const length = head.readUInt32BE(1);
    if (length > this.#maxBytes) throw new GrpcFramingError(`a message of ${length} bytes, more than ${this.#maxBytes}`);
    return headBytes + length;
  }

  #joined(): Buffer {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1) return first;
    const joined = Buffer.concat(this.#parts);
    this.#parts = [joined];
    return joined;
  }
}
