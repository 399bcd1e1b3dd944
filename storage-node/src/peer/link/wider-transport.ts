/**
 * A server of grpc-js lets each client send 64 KiB ahead and has no option for more, as its clients have. That is one network round trip
 * for every frame of ours, and twice the CPU time measured on loopback. Node tells of each HTTP/2 stream that begins, so a session is
 * given more when it carries a link. Were that channel gone, links would only be slower.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session } from 'node:http2';
import { transportWindowBytes } from './link-limits.ts';

interface StreamCreated {
  readonly stream: { readonly session: ServerHttp2Session | undefined };
  readonly headers: { readonly ':path'?: unknown };
}

const channel = 'http2.server.stream.created';

/** For streams with that path, of any server of this process, until disposed. */
export function widenSessionsOf(path: string): Disposable {
  const onCreated = (message: unknown) => {
    if (!isStreamCreated(message) || message.headers[':path'] !== path) return;
    const { session } = message.stream;
    session?.settings({ initialWindowSize: transportWindowBytes });
    session?.setLocalWindowSize(transportWindowBytes);
  };
  subscribe(channel, onCreated);
  return { [Symbol.dispose]: () => void unsubscribe(channel, onCreated) };
}

function isStreamCreated(message: unknown): message is StreamCreated {
  if (typeof message !== 'object' || message === null || !('stream' in message) || !('headers' in message)) return false;
  const { stream, headers } = message;
  return typeof stream === 'object' && stream !== null && 'session' in stream && typeof headers === 'object' && headers !== null;
}
