/**
 * Tells gRPC clients that their connection will end while it still takes calls: the first of the two GOAWAYs by which HTTP/2 ends a
 * connection gracefully (RFC 9113, 6.8), which excludes no call. Without it a call that is on its way when the connection closes is
 * refused, and not every client asks again.
 *
 * Node cannot send it: after `session.goaway()` it takes no more calls. So the frame goes to the socket beside the session. Each write of
 * a session is whole frames, and so is this one. Where connections are encrypted it has to go through the TLS socket.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

const socketAccepted = 'net.server.socket';
const streamCreated = 'http2.server.stream.created';
/** From the beginning of a connection, or from the call with which its client was told, until its next call is here. */
const nextCallMs = 500;
/** Whoever sends clients here for longer than this does not know that the node goes. */
const lateClientsMs = 10_000;

export class Farewell implements Disposable {
  readonly #port: number;
  readonly #untold = new Set<Socket>();
  #hasBegun = false;
  /** The newest connection or call. */
  #newestAt = -Infinity;

  /** Of the server that listens on this port of this process. */
  constructor(port: number) {
    this.#port = port;
    subscribe(socketAccepted, this.#onSocket);
    subscribe(streamCreated, this.#onStream);
  }

  /** Connections that begin later are told with their first call: whoever sends clients here may not know yet that this node goes. */
  begin(): void {
    this.#hasBegun = true;
    for (const socket of this.#untold) this.#tell(socket);
  }

  /** Resolves when no connection has begun and no call come for a moment: one that is on its way would be refused by a server that closes. */
  async clientsAreGone(): Promise<void> {
    if (!this.#hasBegun) return;
    const giveUpAt = performance.now() + lateClientsMs;
    for (;;) {
      // What came while this thread was busy is seen first: a connection in one turn, its call in the next.
      await turn();
      await turn();
      const now = performance.now();
      const waitMs = Math.min(this.#newestAt + nextCallMs, giveUpAt) - now;
      if (waitMs <= 0) return;
      await delay(waitMs);
    }
  }

  [Symbol.dispose](): void {
    unsubscribe(socketAccepted, this.#onSocket);
    unsubscribe(streamCreated, this.#onStream);
    this.#untold.clear();
  }

  readonly #onSocket = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (!(socket instanceof Socket) || socket.localPort !== this.#port) return;
    this.#untold.add(socket);
    this.#newestAt = performance.now();
    socket.once('close', () => this.#untold.delete(socket));
  };

  readonly #onStream = (message: unknown): void => {
    const session = this.#hasBegun && isStreamCreated(message) ? message.stream.session : undefined;
    if (session === undefined || session.destroyed) return;
    const { localPort, remoteAddress, remotePort } = session.socket;
    if (localPort !== this.#port) return;
    this.#newestAt = performance.now();
    for (const socket of this.#untold) {
      if (socket.remotePort === remotePort && socket.remoteAddress === remoteAddress) this.#tell(socket);
    }
  };

  #tell(socket: Socket): void {
    // The first frame of a connection has to be another.
    if (socket.bytesWritten === 0 || !socket.writable) return;
    socket.write(goAway);
    this.#untold.delete(socket);
  }
}

function isStreamCreated(message: unknown): message is { readonly stream: ServerHttp2Stream } {
  return typeof message === 'object' && message !== null && 'stream' in message;
}

const goAway = goAwayFrame();

/** Of the connection as a whole, without error; the last stream is the highest that can be. */
function goAwayFrame(): Buffer {
  const payloadBytes = 8;
  const frame = Buffer.alloc(9 + payloadBytes);
  frame.writeUIntBE(payloadBytes, 0, 3);
  frame.writeUInt8(0x07, 3);
  frame.writeUInt32BE(2 ** 31 - 1, 9);
  return frame;
}
