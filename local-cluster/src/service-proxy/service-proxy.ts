/** Plays kube-proxy: listens on each Service's address and passes connections on to its endpoints in turn. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import type { Pod, Service } from '@vectorcluster/kube/types/core.ts';
import { servicePorts, type Backend } from './endpoints.ts';

interface Listener {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  backends: readonly Backend[];
  turn: number;
}

/** Another program may hold the address for a while. */
const retryMs = 1_000;

export class ServiceProxy implements AsyncDisposable {
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Listener>();
  readonly #unsubscribe: readonly (() => void)[];
  #retry: NodeJS.Timeout | undefined;

  constructor(options: { services: Informer<Service>; pods: Informer<Pod>; logger: Logger }) {
    this.#services = options.services;
    this.#pods = options.pods;
    this.#logger = options.logger;
    this.#unsubscribe = [this.#services.onChange(() => this.#update()), this.#pods.onChange(() => this.#update())];
  }

  #update(): void {
    const wanted = new Map(
      this.#services
        .list()
        .flatMap((service) => servicePorts(service, this.#pods.list()))
        .map((port) => [`${port.host}:${port.port}`, port]),
    );
    for (const [address, listener] of this.#listeners) {
      if (!wanted.has(address)) {
        this.#listeners.delete(address);
        close(listener);
      }
    }
    for (const [address, port] of wanted) {
      const existing = this.#listeners.get(address);
      if (existing) existing.backends = port.backends;
      else this.#listen(address, port.host, port.port, port.backends);
    }
  }

  #listen(address: string, host: string, port: number, backends: readonly Backend[]): void {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const listener: Listener = { server, sockets: new Set(), backends, turn: 0 };
    server.on('connection', (socket) => pass(socket, listener));
    server.on('error', (error) => {
      this.#logger.error({ address, error: error.message }, 'service address cannot be used, trying again');
      this.#listeners.delete(address);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#update();
      }, retryMs);
    });
    server.listen(port, host);
    this.#listeners.set(address, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#unsubscribe) stop();
    clearTimeout(this.#retry);
    for (const listener of this.#listeners.values()) close(listener);
    this.#listeners.clear();
    await Promise.resolve();
  }
}

function close(listener: Listener): void {
  listener.server.close();
  for (const socket of listener.sockets) socket.destroy();
}

/** Connections to a Pod that has just gone are refused, and the next endpoint is tried, as many times as there are endpoints. */
function pass(client: Socket, listener: Listener): void {
  track(client, listener);
  client.on('error', () => client.destroy());
  let attemptsLeft = listener.backends.length;
  const attempt = (): void => {
    const backend = listener.backends[listener.turn++ % Math.max(1, listener.backends.length)];
    if (!backend || attemptsLeft-- <= 0) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: backend.host, port: backend.port, allowHalfOpen: true, noDelay: true });
    track(server, listener);
    server.once('error', attempt);
    server.once('connect', () => {
      server.off('error', attempt);
      server.on('error', () => client.resetAndDestroy());
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
      client.pipe(server);
      server.pipe(client);
    });
  };
  attempt();
}

function track(socket: Socket, listener: Listener): void {
  listener.sockets.add(socket);
  socket.once('close', () => listener.sockets.delete(socket));
}
