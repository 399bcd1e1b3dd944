/**
 * Loaded into the process of every image before its program: a Pod's connections to others of the cluster come from the Pod's own
 * address, as in Kubernetes. Without it all of them would come from 127.0.0.1, and rules between two Pods could not tell them apart.
 */
import { Socket, type SocketConnectOpts } from 'node:net';

const own = process.env['LISTEN_HOST'] ?? '';
if (own.startsWith('127.')) {
  // oxlint-disable-next-line typescript/unbound-method -- called below on the socket that it was called on
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function connectFromOwnAddress(this: Socket, ...given: unknown[]): Socket {
    // Calls inside of node:net arrive as one list of arguments that is marked as complete.
    const first = Array.isArray(given[0]) ? given[0][0] : given[0];
    if (isTcpToLoopback(first)) first.localAddress ??= own;
    return Reflect.apply(connect, this, given);
  };
}

function isTcpToLoopback(options: unknown): options is Extract<SocketConnectOpts, { host?: string | undefined }> {
  return typeof options === 'object' && options !== null && 'host' in options && String(options.host).startsWith('127.');
}
