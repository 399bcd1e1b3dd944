/**
 * Tells gRPC clients that their connection will end while it still takes calls: the first of the two GOAWAYs by which HTTP/2 ends a
 * connection gracefully (RFC 9113, 6.8), which excludes no call. Without it a call that is on its way when the connection closes is
 * refused, and not every client asks again.
 *
 * Node cannot send it: after `session.goaway()` it takes no more calls. So the frame goes to the socket beside the session. Each write of
 * a session is whole frames, and so is this one. Where connections are encrypted it has to go through the TLS socket.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { isTimeToTell, type ClientConnection } from './going-away.ts';

const socketAccepted = 'net.server.socket';
const streamCreated = 'http2.server.stream.created';
const streamClosed = 'http2.server.stream.close';
/** How often it is looked for clients that do not call. */
const lookEveryMs = 100;
/** From the beginning of a connection, from when its client was told, and from its last call, until its next call is here. */
const nextCallMs = 500;
/** Whoever sends clients here for longer than this does not know that the node goes. */
const lateClientsMs = 10_000;

export class Farewell implements Disposable {
  readonly #port: number;
  /** By address and port of the client. */
  readonly #connections = new Map<string, ClientConnection>();
  readonly #ofSession = new WeakMap<Http2Session, ClientConnection>();
  #timer: NodeJS.Timeout | undefined;
  /** The newest connection, call, or telling. */
  #newestAt = -Infinity;

  /** Of the server that listens on this port of this process. */
  constructor(port: number) {
    this.#port = port;
    subscribe(socketAccepted, this.#onSocket);
    subscribe(streamCreated, this.#onCall);
    subscribe(streamClosed, this.#onCallEnd);
  }

  /** Connections that begin later are told as well: whoever sends clients here may not know yet that this node goes. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tellWhoDoesNotCall(), lookEveryMs);
    const sinceMs = performance.now();
    for (const connection of this.#connections.values()) Object.assign(connection, { sinceMs, mostCalls: connection.openCalls });
  }

  /**
   * Resolves when every client was told, and no connection has begun and no call come for a moment: one that is on its way would be refused
   * by a server that closes.
   */
  async clientsAreGone(): Promise<void> {
    if (this.#timer === undefined) return;
    const giveUpAt = performance.now() + lateClientsMs;
    for (;;) {
      // What came while this thread was busy is seen first: a connection in one turn, its call in the next.
      await turn();
      await turn();
      const now = performance.now();
      const quietAt = this.#areAllTold() ? this.#newestAt + nextCallMs : now + lookEveryMs;
      const waitMs = Math.min(quietAt, giveUpAt) - now;
      if (waitMs <= 0) return;
      await delay(waitMs);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    unsubscribe(socketAccepted, this.#onSocket);
    unsubscribe(streamCreated, this.#onCall);
    unsubscribe(streamClosed, this.#onCallEnd);
    this.#connections.clear();
  }

  readonly #onSocket = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (!(socket instanceof Socket) || socket.localPort !== this.#port) return;
    const client = addressOf(socket);
    const sinceMs = performance.now();
    this.#newestAt = sinceMs;
    this.#connections.set(client, { socket, sinceMs, openCalls: 0, mostCalls: 0, isTold: false });
    socket.once('close', () => this.#connections.delete(client));
  };

  readonly #onCall = (message: unknown): void => {
    const connection = this.#connectionOf(message);
    if (connection === undefined) return;
    connection.openCalls += 1;
    if (this.#timer === undefined) return;
    connection.mostCalls = Math.max(connection.mostCalls, connection.openCalls);
    this.#newestAt = performance.now();
    if (isTimeToTell(connection, this.#newestAt, true)) this.#tell(connection);
  };

  readonly #onCallEnd = (message: unknown): void => {
    const connection = this.#connectionOf(message);
    if (connection !== undefined) connection.openCalls -= 1;
  };

  /** Undefined for a server of this process on another port. */
  #connectionOf(message: unknown): ClientConnection | undefined {
    const session = isOfStream(message) ? message.stream.session : undefined;
    if (session === undefined) return undefined;
    const known = this.#ofSession.get(session);
    if (known !== undefined || session.destroyed || session.socket.localPort !== this.#port) return known;
    const connection = this.#connections.get(addressOf(session.socket));
    if (connection !== undefined) this.#ofSession.set(session, connection);
    return connection;
  }

  #tellWhoDoesNotCall(): void {
    const now = performance.now();
    for (const connection of this.#connections.values()) if (isTimeToTell(connection, now, false)) this.#tell(connection);
  }

  #tell(connection: ClientConnection): void {
    const { socket } = connection;
    // The first frame of a connection has to be another.
    if (connection.isTold || socket.bytesWritten === 0 || !socket.writable) return;
    socket.write(goAway);
    connection.isTold = true;
    this.#newestAt = performance.now();
  }

  #areAllTold(): boolean {
    return [...this.#connections.values()].every(({ isTold, socket }) => isTold || !socket.writable);
  }
}

function addressOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}

function isOfStream(message: unknown): message is { readonly stream: ServerHttp2Stream } {
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
