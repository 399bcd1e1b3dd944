/**
 * Tells gRPC clients that their connection will end while it still takes calls: the first of the two GOAWAYs by which HTTP/2 ends a
 * connection gracefully (RFC 9113, 6.8), which excludes no call. Without it a call that is on its way when the connection closes is
 * refused, and not every client asks again.
 *
 * Node cannot send it: after `session.goaway()` it takes no more calls. So the frame goes to the socket beside the session. Each write of
 * a session is whole frames, and so is this one. Where connections are encrypted it has to go through the TLS socket.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

const socketAccepted = 'net.server.socket';
/** Connections that begin during the farewell are told by then. */
const lookEveryMs = 250;

export class Farewell implements Disposable {
  readonly #port: number;
  readonly #untold = new Set<Socket>();
  #looking: NodeJS.Timeout | undefined;

  /** Of the server that listens on this port of this process. */
  constructor(port: number) {
    this.#port = port;
    subscribe(socketAccepted, this.#onSocket);
  }

  begin(): void {
    this.#looking ??= setInterval(() => this.#tellAll(), lookEveryMs);
    this.#tellAll();
  }

  [Symbol.dispose](): void {
    unsubscribe(socketAccepted, this.#onSocket);
    clearInterval(this.#looking);
    this.#untold.clear();
  }

  readonly #onSocket = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (!(socket instanceof Socket) || socket.localPort !== this.#port) return;
    this.#untold.add(socket);
    socket.once('close', () => this.#untold.delete(socket));
  };

  #tellAll(): void {
    for (const socket of this.#untold) {
      // The first frame of a connection has to be another.
      if (socket.bytesWritten === 0 || !socket.writable) continue;
      socket.write(goAway);
      this.#untold.delete(socket);
    }
  }
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
