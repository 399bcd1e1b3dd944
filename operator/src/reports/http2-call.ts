/**
 * One call over a connection of its own, for as long as it lasts, with the least of HTTP/2 that it needs. An operator has one to each
 * storage node, thousands perhaps, which say little: a session of Node's takes 25 kB and 20 µs a message, most of it for what is never
 * used here (docs/adr/0013).
 */
import { connect, type Socket } from 'node:net';
import {
  encodeFrame,
  flag,
  FrameReader,
  frameType,
  headerBlock,
  Http2FrameError,
  preface,
  withoutPadding,
  type Frame,
} from './http2-frames.ts';

export interface Http2CallOptions {
  readonly address: string;
  readonly port: number;
  /** Pseudo headers first, as they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** A part of the answer's body. What it throws ends the call with it. */
  readonly onData: (chunk: Buffer) => void;
}

export type Http2CallEnd =
  /** The connection ended or never was, or what came was not HTTP/2. */
  | { readonly kind: 'broken'; readonly because: string }
  /** The answer ended with headers, in which the server may say why. */
  | { readonly kind: 'answered' }
  /** By what `onData` threw. */
  | { readonly kind: 'refused'; readonly error: unknown };

const callStream = 1;
const none = Buffer.alloc(0);

/** No pushes, and no memory of headers: none of them is read. */
const ownSettings = Buffer.from([0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);

/** What was read is given back when it is half of the window of 65,535 bytes. */
const givenBackAt = 32_768;

export class Http2Call implements Disposable {
  readonly end: Promise<Http2CallEnd>;
  readonly #socket: Socket;
  readonly #options: Http2CallOptions;
  readonly #frames = new FrameReader();
  readonly #settle: (end: Http2CallEnd) => void;
  #unreturned = 0;

  constructor(options: Http2CallOptions) {
    const { promise, resolve } = Promise.withResolvers<Http2CallEnd>();
    this.end = promise;
    this.#settle = resolve;
    this.#options = options;
    this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => resolve({ kind: 'broken', because: error.message }));
    this.#socket.on('close', () => resolve({ kind: 'broken', because: 'the connection closed' }));
    this.#socket.write(
      Buffer.concat([
        preface,
        encodeFrame({ type: frameType.settings, flags: 0, stream: 0, payload: ownSettings }),
        encodeFrame({ type: frameType.headers, flags: flag.endHeaders, stream: callStream, payload: headerBlock(options.headers) }),
        encodeFrame({ type: frameType.data, flags: flag.endStream, stream: callStream, payload: options.body }),
      ]),
    );
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.take(chunk)) {
        const end = this.#take(frame);
        if (end === undefined) continue;
        this.#settle(end);
        this.#socket.destroy();
        return;
      }
    } catch (error) {
      this.#settle({ kind: 'broken', because: error instanceof Error ? error.message : String(error) });
      this.#socket.destroy();
    }
  }

  #take(frame: Frame): Http2CallEnd | undefined {
    const { type, flags, payload } = frame;
    switch (type) {
      case frameType.data:
        return this.#takeData(frame);
      case frameType.headers:
        return (flags & flag.endStream) === 0 ? undefined : { kind: 'answered' };
      case frameType.settings:
      case frameType.ping:
        if ((flags & flag.ack) === 0) this.#send({ type, flags: flag.ack, stream: 0, payload: type === frameType.ping ? payload : none });
        return undefined;
      case frameType.rstStream:
        return { kind: 'broken', because: 'the node broke the stream off' };
      case frameType.goaway:
        // Calls it has taken go on; others it names no number of.
        return payload.length >= 4 && payload.readUInt32BE(0) < callStream
          ? { kind: 'broken', because: 'the node takes no call' }
          : undefined;
      case frameType.pushPromise:
        throw new Http2FrameError('a push, which was not agreed on');
      default:
        return undefined;
    }
  }

  #takeData(frame: Frame): Http2CallEnd | undefined {
    try {
      this.#options.onData(withoutPadding(frame));
    } catch (error) {
      return error instanceof Http2FrameError ? { kind: 'broken', because: error.message } : { kind: 'refused', error };
    }
    if ((frame.flags & flag.endStream) !== 0) return { kind: 'broken', because: 'the node ended the stream' };
    this.#unreturned += frame.payload.length;
    if (this.#unreturned < givenBackAt) return undefined;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(this.#unreturned);
    for (const stream of [0, callStream]) this.#send({ type: frameType.windowUpdate, flags: 0, stream, payload });
    this.#unreturned = 0;
    return undefined;
  }

  #send(frame: Frame): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame(frame));
  }
}
