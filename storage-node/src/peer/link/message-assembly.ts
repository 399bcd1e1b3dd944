/** Messages out of the frames that carry them. The other side of message-cutter.ts. */
import { lengthBytes, type PayloadKind } from './frames.ts';
import { LinkError } from './link-error.ts';
import { maxMessageBytes } from './link-limits.ts';

export class MessageAssembly {
  #open: { readonly bytes: Buffer; filled: number } | undefined;
  readonly #maxMessageBytes: number;

  constructor(limit = maxMessageBytes) {
    this.#maxMessageBytes = limit;
  }

  /** What has come of a message that has begun. */
  get filledBytes(): number {
    return this.#open?.filled ?? 0;
  }

  /** What is still to come of it. */
  get missingBytes(): number {
    return this.#open === undefined ? 0 : this.#open.bytes.length - this.#open.filled;
  }

  /** Messages that end in this frame, in order; short ones are views of it. Throws LinkError 'bad frame'. */
  take(kind: PayloadKind, payload: Buffer): readonly Buffer[] {
    switch (kind) {
      case 'whole':
        return this.#whole(payload);
      case 'first':
        this.#first(payload);
        return [];
      case 'rest':
        return this.#rest(payload);
    }
  }

  #whole(payload: Buffer): readonly Buffer[] {
    if (this.#open !== undefined) throw bad('a message comes before the end of another');
    if (payload.length === 0) throw bad('a frame without a message');
    const messages: Buffer[] = [];
    for (let at = 0; at < payload.length;) {
      if (at + lengthBytes > payload.length) throw bad('the length of a message is cut short');
      const from = at + lengthBytes;
      at = from + payload.readUInt32LE(at);
      if (at > payload.length) throw bad('a message is longer than its frame');
      messages.push(payload.subarray(from, at));
    }
    return messages;
  }

  #first(payload: Buffer): void {
    if (this.#open !== undefined) throw bad('a message begins before the end of another');
    if (payload.length <= lengthBytes) throw bad('the first part of a message is empty');
    const total = payload.readUInt32LE(0);
    const part = payload.subarray(lengthBytes);
    if (total > this.#maxMessageBytes) throw bad(`a message of ${total} bytes is above the limit of ${this.#maxMessageBytes}`);
    if (part.length >= total) throw bad('the first part of a message is all of it, or more');
    const bytes = Buffer.allocUnsafeSlow(total);
    bytes.set(part);
    this.#open = { bytes, filled: part.length };
  }

  #rest(payload: Buffer): readonly Buffer[] {
    const open = this.#open;
    if (open === undefined) throw bad('a part of a message without its beginning');
    if (payload.length === 0) throw bad('a part of a message is empty');
    if (payload.length > this.missingBytes) throw bad('a message is longer than it said');
    open.bytes.set(payload, open.filled);
    open.filled += payload.length;
    if (open.filled < open.bytes.length) return [];
    this.#open = undefined;
    return [open.bytes];
  }
}

function bad(message: string): LinkError {
  return new LinkError('bad frame', message);
}
