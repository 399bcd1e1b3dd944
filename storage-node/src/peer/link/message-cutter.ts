/** The messages that wait to be sent, cut into frames: small ones of one turn together, long ones in parts. */
import type { EncodedMessage } from './message-codec.ts';
import { lengthBytes, maxPayloadBytes, payloadFrame } from './frames.ts';

export interface CutFrame {
  readonly frame: Buffer;
  /** Of messages, without their lengths: what a window counts. */
  readonly messageBytes: number;
  /** Ended in this frame. */
  readonly messages: number;
}

export class MessageCutter {
  readonly #waiting: EncodedMessage[] = [];
  /** In front of it, `waiting` is done with. */
  #next = 0;
  /** Of the message at `next`: how much is sent, and where that is in its pieces. */
  #sent = 0;
  #piece = 0;
  #pieceAt = 0;
  #queuedBytes = 0;

  /** Of messages, not yet cut. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  add(message: EncodedMessage): void {
    this.#waiting.push(message);
    this.#queuedBytes += message.byteLength;
  }

  /** Of what waits, one frame with at most `allowance` bytes of messages; undefined when nothing waits that may go. */
  cut(allowance: number): CutFrame | undefined {
    const head = this.#waiting[this.#next];
    if (head === undefined || allowance <= 0) return undefined;
    if (this.#sent > 0) return this.#cutPart('rest', head, Math.min(allowance, maxPayloadBytes));
    if (head.byteLength + lengthBytes > maxPayloadBytes)
      return this.#cutPart('first', head, Math.min(allowance, maxPayloadBytes - lengthBytes));
    return this.#cutWhole(allowance);
  }

  #cutWhole(allowance: number): CutFrame | undefined {
    let messageBytes = 0;
    let end = this.#next;
    for (; end < this.#waiting.length; end++) {
      const more = this.#waiting[end]?.byteLength ?? 0;
      const payload = messageBytes + more + lengthBytes * (end + 1 - this.#next);
      if (payload > maxPayloadBytes || messageBytes + more > allowance) break;
      messageBytes += more;
    }
    const messages = end - this.#next;
    if (messages === 0) return undefined;
    const { frame, from } = payloadFrame('whole', messageBytes + lengthBytes * messages);
    let at = from;
    for (const { byteLength, pieces } of this.#waiting.slice(this.#next, end)) {
      at = frame.writeUInt32LE(byteLength, at);
      for (const piece of pieces) {
        frame.set(piece, at);
        at += piece.byteLength;
      }
    }
    this.#forget(end);
    this.#queuedBytes -= messageBytes;
    return { frame, messageBytes, messages };
  }

  #cutPart(kind: 'first' | 'rest', head: EncodedMessage, most: number): CutFrame {
    const messageBytes = Math.min(most, head.byteLength - this.#sent);
    const prefix = kind === 'first' ? lengthBytes : 0;
    const { frame, from } = payloadFrame(kind, prefix + messageBytes);
    if (kind === 'first') frame.writeUInt32LE(head.byteLength, from);
    this.#copyPieces(head, frame.subarray(from + prefix));
    this.#sent += messageBytes;
    this.#queuedBytes -= messageBytes;
    const isDone = this.#sent === head.byteLength;
    if (isDone) {
      this.#sent = 0;
      this.#piece = 0;
      this.#forget(this.#next + 1);
    }
    return { frame, messageBytes, messages: isDone ? 1 : 0 };
  }

  #copyPieces({ pieces }: EncodedMessage, target: Buffer): void {
    for (let at = 0; at < target.length;) {
      const piece = pieces[this.#piece];
      if (piece === undefined) throw new RangeError('a message has fewer bytes than it says');
      const part = piece.subarray(this.#pieceAt, this.#pieceAt + target.length - at);
      target.set(part, at);
      at += part.byteLength;
      this.#pieceAt += part.byteLength;
      if (this.#pieceAt < piece.byteLength) continue;
      this.#piece++;
      this.#pieceAt = 0;
    }
  }

  /** Moves what waits to the front only when half of the array is done with, so that a message costs the same however many wait. */
  #forget(next: number): void {
    this.#next = next;
    if (next * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, next);
    this.#next = 0;
  }
}
