/**
 * One stream to one other node, from its opening to its end: greeting, then heartbeats, grants and messages.
 *
 * Greeting: both sides send a Hello, the one that dialed first. The one that was called checks it and answers when it is told to
 * (`welcome`), which may be later, when it has learnt of the other node. Either is open when both Hellos have passed through it.
 */
import type { Beat } from './heartbeats.ts';
import { Heartbeats } from './heartbeats.ts';
import type { FrameStream } from './frame-stream.ts';
import { controlFrame, readFrame, type Frame, type PayloadKind } from './frames.ts';
import { checkGreeting, greetingTo, type Greeting, type Self } from './handshake.ts';
import { LinkError, type CloseReason } from './link-error.ts';
import { heartbeatMs, helloTimeoutMs } from './link-limits.ts';
import type { LinkMessage } from './link-message.ts';
import type { LinkTimers } from './link-timers.ts';
import { MessageAssembly } from './message-assembly.ts';
import { decodeMessage, type EncodedMessage } from './message-codec.ts';
import type { LinkMetrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { ReceiveWindow } from './receive-window.ts';

export interface ConnectionOptions {
  readonly stream: FrameStream;
  readonly self: Self;
  /** Whose address was dialed; undefined for a stream that came to us. */
  readonly dialed: string | undefined;
  readonly timers: LinkTimers;
  readonly metrics: LinkMetrics;
  readonly listener: ConnectionListener;
}

export interface ConnectionListener {
  /** Of a stream that came to us; to be answered with `welcome` or `close`. */
  greeted(connection: Connection, greeting: Greeting): void;
  opened(connection: Connection, greeting: Greeting): void;
  received(connection: Connection, message: LinkMessage): void | Promise<void>;
  /** Once, unless `close` was called. */
  ended(connection: Connection, because: LinkError): void;
}

type Phase = 'greeting' | 'open' | 'closed';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #heartbeats = new Heartbeats();
  readonly #assembly = new MessageAssembly();
  readonly #window = new ReceiveWindow();
  readonly #outbox: Outbox;
  #phase: Phase = 'greeting';
  #greeting: Greeting | undefined;
  #lastHeardAt: number | undefined;
  #cancelTimer: () => void;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { stream, self, dialed, timers, metrics } = options;
    this.#outbox = new Outbox({
      write: (frame, flushed) => {
        metrics.bytesSent(frame.byteLength);
        stream.write(frame, flushed);
      },
      soon: setImmediate,
      onMessagesSent: ({ messages }) => metrics.messagesSent(messages),
    });
    this.#cancelTimer = timers.after(helloTimeoutMs, () => this.#end(new LinkError('no hello', 'no hello came in time')));
    stream.listen({
      frame: (bytes) => this.#guard(() => this.#onFrame(bytes)),
      ended: (because) => this.#end(new LinkError('closed by the other side', because)),
    });
    if (dialed !== undefined) this.#outbox.urgent(controlFrame({ case: 'hello', value: greetingTo(dialed, self) }));
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  /** What came and is not handled. */
  get unhandledBytes(): number {
    return this.#window.unhandledBytes;
  }

  get lastHeardAt(): number | undefined {
    return this.#lastHeardAt;
  }

  get lastEchoedAt(): number | undefined {
    return this.#heartbeats.lastEchoedAt;
  }

  /** Resolves true when there is room for more, false when the connection ended before. */
  async send(message: EncodedMessage): Promise<boolean> {
    try {
      return await this.#outbox.send(message);
    } catch (error) {
      this.#end(asLinkError(error));
      return false;
    }
  }

  /** Answers a greeting and opens. */
  welcome(): void {
    if (this.#phase !== 'greeting' || this.#greeting === undefined) return;
    this.#outbox.urgent(controlFrame({ case: 'hello', value: greetingTo(this.#greeting.node, this.#options.self) }));
    this.#open(this.#greeting);
  }

  close(reason: CloseReason, because: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#cancelTimer();
    this.#outbox.close();
    this.#options.stream.close(`${reason}: ${because}`);
  }

  #onFrame(bytes: Buffer): void {
    this.#options.metrics.bytesReceived(bytes.byteLength);
    const frame = readFrame(bytes);
    if (this.#phase === 'greeting') this.#onGreeting(frame);
    else if (this.#phase === 'open') this.#onOpenFrame(frame);
  }

  #onGreeting(frame: Frame): void {
    if (frame.kind !== 'hello' || this.#greeting !== undefined)
      throw new LinkError('bad frame', `a ${frame.kind} frame before both hellos`);
    const { dialed, self, listener } = this.#options;
    checkGreeting(frame.hello, self, dialed);
    this.#greeting = frame.hello;
    if (dialed === undefined) listener.greeted(this, frame.hello);
    else this.#open(frame.hello);
  }

  #open(greeting: Greeting): void {
    this.#phase = 'open';
    this.#cancelTimer();
    this.#lastHeardAt = this.#options.timers.now();
    this.#options.listener.opened(this, greeting);
    this.#beat();
  }

  #onOpenFrame(frame: Frame): void {
    const now = this.#options.timers.now();
    this.#lastHeardAt = now;
    this.#heartbeats.frameCame();
    switch (frame.kind) {
      case 'heartbeat': {
        const { answer, roundTripMs } = this.#heartbeats.heard(frame.heartbeat, now);
        if (roundTripMs !== undefined) this.#options.metrics.heartbeatEchoed(roundTripMs);
        if (answer !== undefined) this.#sendBeat(answer);
        break;
      }
      case 'grant':
        this.#outbox.grant(Number(frame.grant.totalBytes));
        break;
      case 'hello':
        throw new LinkError('bad frame', 'a second hello');
      case 'whole':
      case 'first':
      case 'rest':
        this.#onPayload(frame.kind, frame.payload);
        break;
    }
  }

  #onPayload(kind: PayloadKind, payload: Buffer): void {
    const filled = this.#assembly.filledBytes;
    const messages = this.#assembly.take(kind, payload);
    const ended = messages.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#window.arrived(ended + this.#assembly.filledBytes - filled);
    for (const bytes of messages) {
      if (this.#phase !== 'open') return;
      this.#handle(bytes);
    }
    this.#grantMore();
  }

  #handle(bytes: Buffer): void {
    const message = decodeMessage(bytes);
    this.#options.metrics.messageReceived();
    const pending = this.#received(message);
    if (pending === undefined) this.#window.handled(bytes.byteLength);
    else void this.#whenHandled(pending, bytes.byteLength);
  }

  async #whenHandled(pending: Promise<void>, messageBytes: number): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#end(handlerFailed(error));
    }
    this.#window.handled(messageBytes);
    this.#grantMore();
  }

  #received(message: LinkMessage): void | Promise<void> {
    try {
      return this.#options.listener.received(this, message);
    } catch (error) {
      throw handlerFailed(error);
    }
  }

  #grantMore(): void {
    if (this.#phase !== 'open') return;
    const { filledBytes, missingBytes } = this.#assembly;
    const total = this.#window.grant({ filledBytes, missingBytes });
    if (total !== undefined) this.#outbox.urgent(controlFrame({ case: 'grant', value: { totalBytes: BigInt(total) } }));
  }

  #beat(): void {
    if (this.#phase !== 'open') return;
    const { timers } = this.#options;
    this.#guard(() => this.#sendBeat(this.#heartbeats.next(timers.now())));
    if (this.#phase === 'open') this.#cancelTimer = timers.after(heartbeatMs, () => this.#beat());
  }

  #sendBeat(value: Beat): void {
    this.#outbox.urgent(controlFrame({ case: 'heartbeat', value }));
  }

  #guard(work: () => void): void {
    if (this.#phase === 'closed') return;
    try {
      work();
    } catch (error) {
      this.#end(asLinkError(error));
    }
  }

  #end(because: LinkError): void {
    if (this.#phase === 'closed') return;
    this.close(because.reason, because.message);
    this.#options.listener.ended(this, because);
  }
}

/** Anything else is a mistake of ours. */
function asLinkError(error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  throw error;
}

function handlerFailed(error: unknown): LinkError {
  return new LinkError('handler failed', error instanceof Error ? error.message : 'a message could not be handled', { cause: error });
}
