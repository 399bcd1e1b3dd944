/** A piece of network between two nodes of a test: bytes pass, wait, or the connections are reset. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class FaultyNetwork implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isPaused = false;

  /** Whoever connects to `host` reaches `to`, on the same port. */
  static async between({ host, to, port }: { readonly host: string; readonly to: string; readonly port: number }): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(to, port);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    network.#server.once('error', reject);
    network.#server.listen(port, host, resolve);
    await promise;
    return network;
  }

  private constructor(to: string, port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, to);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** Nothing passes and nobody is told. */
  pause(): void {
    this.#isPaused = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const socket of this.#sockets) socket.resume();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    if (this.#isPaused) from.pause();
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
