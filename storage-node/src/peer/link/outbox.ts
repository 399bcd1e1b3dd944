/**
 * What one connection still has to send. Heartbeats and the like go in front of messages; little is handed to gRPC at a time, so that
 * in front means soon.
 */
import { LinkError } from './link-error.ts';
import { maxQueuedBytes, maxUnflushedBytes, roomBytes, windowBytes } from './link-limits.ts';
import type { EncodedMessage } from './message-codec.ts';
import { MessageCutter } from './message-cutter.ts';

export interface OutboxOptions {
  /** Calls back when the socket has taken the frame. */
  write(frame: Buffer, flushed: () => void): void;
  /** Runs soon after everything of this turn that may send. */
  soon(run: () => void): void;
  onMessagesSent(sent: { readonly messages: number; readonly bytes: number }): void;
}

interface Waiter {
  /** Total of the queue at the end of its message. */
  readonly end: number;
  readonly resolve: (hasRoom: boolean) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #urgent: Buffer[] = [];
  readonly #messages = new MessageCutter();
  readonly #waiters: Waiter[] = [];
  #queuedTotal = 0;
  #sentTotal = 0;
  #granted = windowBytes;
  #unflushedBytes = 0;
  #isPumping = false;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get queuedBytes(): number {
    return this.#messages.queuedBytes;
  }

  urgent(frame: Buffer): void {
    this.#urgent.push(frame);
    this.#pump();
  }

  /** Resolves true when there is room behind the message, false when the connection ended before. Throws LinkError 'queue overrun'. */
  async send(message: EncodedMessage): Promise<boolean> {
    if (this.#isClosed) return false;
    if (this.queuedBytes + message.byteLength > maxQueuedBytes) {
      throw new LinkError('queue overrun', `${this.queuedBytes} bytes wait to be sent`);
    }
    this.#messages.add(message);
    this.#queuedTotal += message.byteLength;
    this.#pumpSoon();
    if (this.queuedBytes <= roomBytes) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiters.push({ end: this.#queuedTotal, resolve });
    return await promise;
  }

  /** Throws LinkError when the other side takes back what it granted. */
  grant(totalBytes: number): void {
    if (totalBytes < this.#granted) throw new LinkError('bad frame', `a grant of ${totalBytes} bytes follows one of ${this.#granted}`);
    this.#granted = totalBytes;
    this.#pump();
  }

  close(): void {
    this.#isClosed = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve(false);
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#options.soon(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#isClosed && this.#unflushedBytes < maxUnflushedBytes) {
      const frame = this.#urgent.shift() ?? this.#nextOfMessages();
      if (frame === undefined) break;
      this.#unflushedBytes += frame.byteLength;
      this.#options.write(frame, () => {
        this.#unflushedBytes -= frame.byteLength;
        this.#pump();
      });
    }
  }

  #nextOfMessages(): Buffer | undefined {
    const cut = this.#messages.cut(this.#granted - this.#sentTotal);
    if (cut === undefined) return undefined;
    this.#sentTotal += cut.messageBytes;
    this.#options.onMessagesSent({ messages: cut.messages, bytes: cut.messageBytes });
    while (this.#waiters[0] !== undefined && this.#waiters[0].end - this.#sentTotal <= roomBytes) this.#waiters.shift()?.resolve(true);
    return cut.frame;
  }
}
