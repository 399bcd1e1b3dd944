/** Nodes of a cluster as far as links see them: a server on a loopback address, and what arrived. */
import { createServer, type AddressInfo } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { ClusterIdentity } from '../src/peer/cluster-identity.ts';
import type { LinkMessage } from '../src/peer/link/link-message.ts';
import { realTimers } from '../src/peer/link/link-timers.ts';
import { Links } from '../src/peer/link/links.ts';
import { createLinkMetrics } from '../src/peer/link/metrics.ts';

export interface TestNodeOptions {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly podUid?: string;
  readonly identity?: ClusterIdentity;
  /** How many times faster its timers run. */
  readonly speed?: number;
  /** What `received` answers. */
  readonly onReceived?: (message: LinkMessage, from: string) => void | Promise<void>;
}

export class TestNode implements AsyncDisposable {
  readonly node: string;
  readonly address: string;
  readonly links: Links;
  readonly registry: Registry;
  readonly received: LinkMessage[] = [];
  /** What the handlers were told, in order: `+b` and `-b`. */
  readonly told: string[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  static async start(options: TestNodeOptions): Promise<TestNode> {
    const server = new Server();
    const node = new TestNode(options, server);
    node.links.service(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const bound = (error: Error | null) => (error === null ? resolve() : reject(error));
    server.bindAsync(`${options.address}:${options.port}`, ServerCredentials.createInsecure(), bound);
    await promise;
    return node;
  }

  private constructor(
    { node, address, port, podUid = `${node} 1`, identity = cluster, speed = 1, onReceived }: TestNodeOptions,
    server: Server,
  ) {
    this.node = node;
    this.address = address;
    this.#server = server;
    this.registry = new Registry();
    this.links = new Links({
      identity,
      node,
      podUid,
      port,
      log: pino({ level: 'silent' }),
      metrics: createLinkMetrics(this.registry),
      timers: { ...realTimers, after: (delayMs, run) => realTimers.after(delayMs / speed, run) },
      handlers: {
        connected: (other) => this.#tell(`+${other}`),
        disconnected: (other) => this.#tell(`-${other}`),
        received: (from, message) => {
          this.received.push(message);
          this.#wake();
          return onReceived?.(message, from);
        },
      },
    });
  }

  /** Resolves once it holds; asked again whenever something arrived or was told. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async receivedCount(count: number): Promise<void> {
    await this.until(() => this.received.length >= count);
  }

  async isConnectedTo(node: string): Promise<void> {
    await this.until(() => this.links.isConnected(node));
  }

  /** Of one metric, by its labels; of a histogram `count` and `sum`. */
  async metric(name: string): Promise<ReadonlyMap<string, number>> {
    const values = (await this.registry.getSingleMetric(name)?.get())?.values ?? [];
    return new Map(
      values.map((each) => {
        const suffix = 'metricName' in each ? String(each.metricName).slice(name.length + 1) : '';
        return [[...Object.values(each.labels), suffix].join(' ').trim(), each.value];
      }),
    );
  }

  /** As a node stops: links first, then the server waits for what is left. */
  async stop(): Promise<void> {
    await this.links[Symbol.asyncDispose]();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.links[Symbol.asyncDispose]();
    this.#server.forceShutdown();
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

export const cluster: ClusterIdentity = { namespace: 'default', cluster: 'shop' };

/** One entry of so many bytes, numbered. */
export function append(number: number, bytes: number): LinkMessage {
  const sequence = BigInt(number);
  const position = { sequence: sequence + 1n, epoch: 3n };
  return {
    message: {
      kind: 'append',
      shard: '8d1f5e0a-7b64-4a4c-9d1c-3f6f0e0a0001',
      epoch: 3n,
      from: '00112233445566778899aabbccddeeff',
      to: 'ffeeddccbbaa99887766554433221100',
      previous: { sequence, epoch: 3n },
      entries: [position],
      inherited: 0n,
      committed: sequence,
    },
    bodies: [{ requestId: `request ${number}`, operation: Buffer.alloc(bytes, number % 251) }],
  };
}

/** Each knows all, and each is connected to all others. */
export async function linked(...nodes: readonly TestNode[]): Promise<void> {
  const addresses = new Map(nodes.map(({ node, address }) => [node, address]));
  for (const node of nodes) node.links.setPeers(addresses);
  for (const node of nodes) for (const other of nodes) if (other !== node) await node.isConnectedTo(other.node);
}

/** Of the appends that arrived, as `append` was given them. */
export function numbersOf({ received }: TestNode): readonly number[] {
  return received.map(({ message }) => (message.kind === 'append' ? Number(message.previous.sequence) : NaN));
}

/** Of any address of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address: AddressInfo | string | null = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
