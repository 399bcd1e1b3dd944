/** One link to each other node of the cluster, kept while that node is there: docs/replication.md says what travels on it. */
import type { Server } from '@grpc/grpc-js';
import type { Logger } from '../../logger.ts';
import type { ClusterIdentity } from '../cluster-identity.ts';
import { Connection, type ConnectionListener } from './connection.ts';
import type { FrameStream } from './frame-stream.ts';
import { dials, type Greeting, type Self } from './handshake.ts';
import { LinkMessageTooLargeError, type LinkError } from './link-error.ts';
import { maxGreetingStreams, maxMessageBytes } from './link-limits.ts';
import type { LinkMessage } from './link-message.ts';
import { addLinkService, dial, linkPath } from './link-service.ts';
import { LinkSessions } from './link-sessions.ts';
import { realTimers, type LinkTimers } from './link-timers.ts';
import { encodeMessage } from './message-codec.ts';
import type { LinkMetrics, LinkSight } from './metrics.ts';
import { PeerLink } from './peer-link.ts';

export interface LinkHandlers {
  /** A new connection to that node; whatever was under way on an older one is lost. */
  connected(node: string): void;
  disconnected(node: string): void;
  /**
   * In the order sent on one connection. While too many bytes of unresolved promises are outstanding, the other side stops sending.
   * A throw or rejection ends the connection. Operations are views of what arrived; a small one that is kept for long should be copied.
   */
  received(node: string, message: LinkMessage): void | Promise<void>;
}

export interface LinksOptions {
  readonly identity: ClusterIdentity;
  readonly node: string;
  readonly podUid: string;
  /** Of the peer service, the same on every node. */
  readonly port: number;
  readonly handlers: LinkHandlers;
  readonly log: Logger;
  readonly metrics: LinkMetrics;
  readonly now?: () => number;
  readonly timers?: Omit<LinkTimers, 'now'>;
}

export class Links implements AsyncDisposable {
  /** gRPC service to register on the peer server. */
  readonly service: (server: Server) => void;
  readonly #options: LinksOptions;
  readonly #self: Self;
  readonly #timers: LinkTimers;
  readonly #peers = new Map<string, PeerLink>();
  /** Came to us and have not said who they are, or are of a node that this one has not learnt of yet. */
  readonly #greeting = new Map<Connection, Greeting | undefined>();
  readonly #sessions = new LinkSessions(linkPath);
  #isStopped = false;

  constructor(options: LinksOptions) {
    this.#options = options;
    const { identity, node, podUid, metrics } = options;
    this.#self = { identity, node, podUid };
    this.#timers = { ...realTimers, ...options.timers, ...(options.now && { now: options.now }) };
    this.service = (server) =>
      addLinkService(server, identity, this.#sessions, {
        accepted: (stream) => this.#accepted(stream),
        refused: () => metrics.refused('foreign cluster'),
      });
    metrics.linksAre(() => this.#sights());
  }

  /** Nodes there should be links to, with their addresses: all of the cluster but this one. */
  setPeers(addresses: ReadonlyMap<string, string>): void {
    if (this.#isStopped) return;
    for (const [node, link] of this.#peers) {
      if (addresses.has(node)) continue;
      link.close('no longer a peer', `node ${node} is gone`);
      link.stop('no longer a peer');
      this.#peers.delete(node);
    }
    for (const [node, address] of addresses) {
      if (node === this.#self.node) continue;
      const known = this.#peers.get(node);
      if (known === undefined) this.#peers.set(node, this.#linkTo(node, address));
      else known.movedTo(address);
    }
    for (const [connection, greeting] of this.#greeting) {
      if (greeting !== undefined && this.#peers.has(greeting.node)) connection.welcome();
    }
  }

  /**
   * Resolves true when it is handed to the connection and there is room for more; false when there is no connection, and what was handed
   * to one that ended is lost: the protocol sends again after `connected`. Messages to one node keep their order. Operations must not
   * change until then. Rejects with LinkMessageTooLargeError.
   */
  async send(node: string, message: LinkMessage): Promise<boolean> {
    const connection = this.#peers.get(node)?.connection;
    if (connection === undefined) return false;
    const encoded = encodeMessage(message);
    if (encoded.byteLength > maxMessageBytes) throw new LinkMessageTooLargeError(encoded.byteLength, maxMessageBytes);
    return await connection.send(encoded);
  }

  isConnected(node: string): boolean {
    return this.#peers.get(node)?.connection !== undefined;
  }

  /** Own monotonic clock, ms: when the newest frame of that node came in; undefined when never. */
  lastHeardAt(node: string): number | undefined {
    return this.#peers.get(node)?.lastHeardAt;
  }

  /** Own monotonic clock, ms: when we sent the newest heartbeat that the other node has echoed on this connection. */
  lastEchoedAt(node: string): number | undefined {
    return this.#peers.get(node)?.connection?.lastEchoedAt;
  }

  /**
   * Own clock: since when there is no connection, or since when the last one was silent if it was given up for that; undefined while there
   * is one, and for a node that is no peer.
   */
  disconnectedSince(node: string): number | undefined {
    return this.#peers.get(node)?.disconnectedSince;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#sessions[Symbol.dispose]();
    for (const link of this.#peers.values()) link.stop('stopping');
    for (const connection of this.#greeting.keys()) connection.close('stopping', 'this node stops');
    this.#peers.clear();
    this.#greeting.clear();
  }

  #linkTo(node: string, address: string): PeerLink {
    const { log, metrics, handlers, identity, port } = this.#options;
    const connect = (link: PeerLink, to: string) => this.#connection(dial(to, port, identity), node, this.#listenerOf(link));
    const dialer = dials(this.#self.node, node) ? connect : undefined;
    return new PeerLink({ node, address, timers: this.#timers, metrics, log, on: handlers, dial: dialer });
  }

  #accepted(stream: FrameStream): void {
    if (this.#isStopped) return stream.close('this node stops');
    if (this.#greeting.size >= maxGreetingStreams) {
      this.#options.metrics.refused('too many greetings');
      return stream.close('too many streams have not said who they are');
    }
    this.#greeting.set(this.#connection(stream, undefined, this.#greetingListener()), undefined);
  }

  #connection(stream: FrameStream, dialed: string | undefined, listener: ConnectionListener): Connection {
    return new Connection({ stream, self: this.#self, dialed, timers: this.#timers, metrics: this.#options.metrics, listener });
  }

  /** Of a stream that came to us, until and after it is known whose it is. */
  #greetingListener(): ConnectionListener {
    let link: PeerLink | undefined;
    return {
      greeted: (connection, greeting) => {
        this.#greeting.set(connection, greeting);
        // Else it waits for setPeers, or until it has waited too long.
        if (this.#peers.has(greeting.node)) connection.welcome();
      },
      opened: (connection, greeting) => {
        this.#greeting.delete(connection);
        link = this.#peers.get(greeting.node);
        link?.opened(connection, greeting);
      },
      received: (_, message) => link && this.#options.handlers.received(link.node, message),
      ended: (connection, because) => {
        if (this.#greeting.delete(connection)) this.#refused(because);
        link?.ended(connection, because);
      },
    };
  }

  #listenerOf(link: PeerLink): ConnectionListener {
    return {
      greeted: () => {},
      opened: (connection, greeting) => link.opened(connection, greeting),
      received: (_, message) => this.#options.handlers.received(link.node, message),
      ended: (connection, because) => link.ended(connection, because),
    };
  }

  #refused(because: LinkError): void {
    this.#options.metrics.refused(because.reason);
    this.#options.log.warn({ reason: because.reason, because: because.message }, 'a stream of another node was refused');
  }

  *#sights(): Iterable<LinkSight> {
    for (const { node, connection } of this.#peers.values()) {
      const { queuedBytes = 0, unhandledBytes = 0 } = connection ?? {};
      yield { node, connected: connection !== undefined, queuedBytes, unhandledBytes };
    }
  }
}
