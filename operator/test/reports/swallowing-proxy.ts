/** A TCP proxy that can swallow what goes through it, as a network does whose cable is cut. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class SwallowingProxy implements AsyncDisposable {
  readonly port: number;
  isSwallowing = false;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, port: number, sockets: Set<Socket>) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
  }

  static async to(host: string, port: number): Promise<SwallowingProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(port, host);
      for (const [from, into] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from.on('data', (bytes) => {
          if (!proxy.isSwallowing) into.write(bytes);
        });
        from.on('error', () => into.destroy());
        from.on('close', () => {
          sockets.delete(from);
          into.destroy();
        });
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const proxy = new SwallowingProxy(server, address.port, sockets);
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
