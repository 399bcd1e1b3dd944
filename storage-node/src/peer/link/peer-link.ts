/**
 * The link to one other node: its connection while there is one, and how long there has been none. Where this node is the one that
 * dials, it dials whenever there is none.
 */
import type { Logger } from '../../logger.ts';
import type { Connection } from './connection.ts';
import type { Greeting } from './handshake.ts';
import type { CloseReason, LinkError } from './link-error.ts';
import type { LinkTimers } from './link-timers.ts';
import type { LinkMetrics } from './metrics.ts';
import { Redial } from './redial.ts';

export interface PeerLinkOptions {
  readonly node: string;
  readonly address: string;
  readonly timers: LinkTimers;
  readonly metrics: LinkMetrics;
  readonly log: Logger;
  readonly on: { connected(node: string): void; disconnected(node: string): void };
  /** Makes a connection to that address; undefined where the other node dials. */
  readonly dial: ((link: PeerLink, address: string) => Connection) | undefined;
}

export class PeerLink {
  readonly node: string;
  readonly #options: PeerLinkOptions;
  readonly #redial: Redial | undefined;
  #address: string;
  #dialing: Connection | undefined;
  #open: { readonly connection: Connection; readonly since: number; readonly podUid: string } | undefined;
  /** Of the Pod that was connected first since the address is what it is. */
  #podAtAddress: string | undefined;
  #lastHeardAt: number | undefined;
  #disconnectedSince: number | undefined;
  #refusedFor: CloseReason | undefined;

  constructor(options: PeerLinkOptions) {
    this.node = options.node;
    this.#options = options;
    this.#address = options.address;
    this.#disconnectedSince = options.timers.now();
    const { dial, timers } = options;
    if (dial === undefined) return;
    this.#redial = new Redial(timers, () => {
      this.#dialing = dial(this, this.#address);
    });
    this.#redial.now();
  }

  get connection(): Connection | undefined {
    return this.#open?.connection;
  }

  get lastHeardAt(): number | undefined {
    return this.connection?.lastHeardAt ?? this.#lastHeardAt;
  }

  get disconnectedSince(): number | undefined {
    return this.#disconnectedSince;
  }

  /** The newest connection wins: the other side made it because the older one is worth nothing to it. */
  opened(connection: Connection, { podUid }: Greeting): void {
    const { metrics, log, on, timers } = this.#options;
    this.close('replaced by a newer stream', `node ${this.node} opened a newer one`);
    this.#dialing = undefined;
    this.#open = { connection, since: timers.now(), podUid };
    this.#podAtAddress ??= podUid;
    this.#disconnectedSince = undefined;
    this.#refusedFor = undefined;
    metrics.connected();
    log.info({ peer: this.node, podUid }, 'link to another node is up');
    on.connected(this.node);
  }

  ended(connection: Connection, because: LinkError): void {
    if (connection === this.connection) {
      const lastedMs = this.#options.timers.now() - (this.#open?.since ?? 0);
      this.#dropped(because.reason, because);
      this.#redial?.later(lastedMs);
    } else if (connection === this.#dialing) {
      this.#dialing = undefined;
      this.#refused(because);
      this.#redial?.later(0);
    }
  }

  /**
   * Another address is another Pod, and what is connected to the old one is worth nothing. But the new Pod may have come to us before
   * we learnt of its address; then what is connected is another Pod than the one that was there at first.
   */
  movedTo(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    const isNewPod = this.#open !== undefined && this.#open.podUid !== this.#podAtAddress;
    this.#podAtAddress = isNewPod ? this.#open?.podUid : undefined;
    if (isNewPod && this.#redial === undefined) return;
    this.#stopDialing(`node ${this.node} moved`);
    this.close('address changed', `node ${this.node} has another address`);
    this.#redial?.now();
  }

  /** What is open, if anything. */
  close(reason: CloseReason, because: string): void {
    if (this.#open === undefined) return;
    this.#open.connection.close(reason, because);
    this.#dropped(reason);
  }

  /** For good, and without a word to the handlers. */
  stop(reason: CloseReason): void {
    this.#redial?.stop();
    this.#stopDialing(reason);
    this.#open?.connection.close(reason, reason);
    this.#open = undefined;
  }

  #stopDialing(because: string): void {
    this.#dialing?.close('stopping', because);
    this.#dialing = undefined;
  }

  #dropped(reason: CloseReason, cause?: LinkError): void {
    const { metrics, log, on, timers } = this.#options;
    this.#lastHeardAt = this.lastHeardAt;
    this.#open = undefined;
    // One that was given up for silence had been worth nothing since the last frame; to begin anew would make the node look alive again.
    this.#disconnectedSince = (reason === 'silent' ? this.#lastHeardAt : undefined) ?? timers.now();
    metrics.disconnected(reason);
    log.warn({ peer: this.node, reason, err: cause }, 'link to another node is down');
    on.disconnected(this.node);
  }

  /** A node that is away is tried for as long as it is away: each reason is told once. */
  #refused(because: LinkError): void {
    const { metrics, log } = this.#options;
    metrics.refused(because.reason);
    if (because.reason === this.#refusedFor) return;
    this.#refusedFor = because.reason;
    log.warn({ peer: this.node, reason: because.reason, because: because.message }, 'another node cannot be linked to yet');
  }
}
