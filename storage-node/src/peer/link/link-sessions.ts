/**
 * The HTTP/2 sessions under the streams that come to us, for two things that a server of grpc-js cannot do. Node tells of each stream
 * that begins; were that channel gone, links would be slower, and a shutdown might wait for peers that are dead.
 *
 * It lets each client send 64 KiB ahead and has no option for more, as its clients have: that is one network round trip for every frame
 * of ours, and twice the CPU time measured on loopback. And it ends a stream only together with the other side.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session } from 'node:http2';
import { transportWindowBytes } from './link-limits.ts';

interface StreamCreated {
  readonly stream: { readonly session: ServerHttp2Session | undefined };
  readonly headers: { readonly ':path'?: unknown };
}

const channel = 'http2.server.stream.created';

export class LinkSessions implements Disposable {
  readonly #path: string;
  readonly #resets = new Map<string, () => void>();

  /** Of streams with that path, of any server of this process. */
  constructor(path: string) {
    this.#path = path;
    subscribe(channel, this.#onCreated);
  }

  /** Cuts the connection that comes from there; `peer` is what grpc-js calls it. */
  cut(peer: string): void {
    this.#resets.get(peer)?.();
  }

  [Symbol.dispose](): void {
    unsubscribe(channel, this.#onCreated);
  }

  readonly #onCreated = (message: unknown): void => {
    if (!isStreamCreated(message) || message.headers[':path'] !== this.#path) return;
    const { session } = message.stream;
    if (session === undefined || session.destroyed) return;
    widen(session);
    const peer = `${session.socket.remoteAddress}:${session.socket.remotePort}`;
    if (this.#resets.has(peer)) return;
    this.#resets.set(peer, resetOf(session));
    session.once('close', () => this.#resets.delete(peer));
  };
}

/** Once: a session with too many settings that are not acknowledged is an error, and a stranger may open many streams. */
const widened = new WeakSet<ServerHttp2Session>();

function widen(session: ServerHttp2Session): void {
  if (widened.has(session)) return;
  widened.add(session);
  session.settings({ initialWindowSize: transportWindowBytes });
  session.setLocalWindowSize(transportWindowBytes);
}

/** Destroying a session that is about to close would wait for the other side once more. Taken early: a closed session has no socket. */
function resetOf(session: ServerHttp2Session): () => void {
  return session.encrypted === true ? () => session.destroy() : session.socket.resetAndDestroy.bind(session.socket);
}

function isStreamCreated(message: unknown): message is StreamCreated {
  if (typeof message !== 'object' || message === null || !('stream' in message) || !('headers' in message)) return false;
  const { stream, headers } = message;
  return typeof stream === 'object' && stream !== null && 'session' in stream && typeof headers === 'object' && headers !== null;
}
