/**
 * Between the links of this node and its replicas: hands messages to the replica they are for, and tells replicas when another node has
 * gone or fallen silent. A process that was itself stopped for a while blames nobody for what it did not hear meanwhile.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { LinkHandlers, Links } from '../peer/link/links.ts';
import { realAfter, type After } from './after.ts';
import type { OpenReplicas } from '../membership/open-replicas.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { complaintOf, type Complaint } from '../replication/complaint.ts';
import type { Configuration } from '../replication/configuration.ts';
import { Changes } from '../topology/changes.ts';
import { silenceMs } from './peer-watch.ts';
import type { ReplicaNetwork } from './ports.ts';

/** A connection that was closed and is not back by then counts as gone: a process that died takes its connections with it. */
const goneMs = 500;
const tickMs = 250;
/** Messages with entries handed to the link to one node before it has room again. */
const bodiesAtOnce = 16;
/** Usual messages with entries are smaller; of larger ones fewer go at once, since each may be as large as a message can be. */
const largeBytes = 4 * 1024 * 1024;
const largeAtOnce = 2;
/** For primaries to take the copies of a process that ends out of their sets; one that does not answer by then is itself away. */
const leaveMs = 1_000;
/** A tick that is later than this by itself tells that this process stood still. */
const stoodStillMs = 1_000;

export interface NodeTrafficOptions {
  readonly replicas: OpenReplicas;
  /** Own monotonic clock, milliseconds. */
  readonly now: () => number;
  readonly after?: After;
}

/** What of Links is needed here. */
export type NodeLinks = Pick<Links, 'send' | 'isConnected' | 'lastHeardAt' | 'lastEchoedAt' | 'disconnectedSince'>;

export class NodeTraffic implements LinkHandlers, ReplicaNetwork, Disposable {
  readonly #options: NodeTrafficOptions;
  readonly #peerChanges = new Changes();
  readonly #nodes = new Set<string>();
  /** As of the last tick, for connections that are gone. */
  readonly #echoes = new Map<string, number>();
  readonly #turns = new Map<string, { readonly usual: LimitFunction; readonly large: LimitFunction }>();
  #links: NodeLinks | undefined;
  #timer: Disposable | undefined;
  /** By node: rings when its connection has been away for long enough. */
  readonly #gone = new Map<string, Disposable>();
  #tickedAt: number;
  #awakeSince: number;
  #isLeaving = false;

  constructor(options: NodeTrafficOptions) {
    this.#options = options;
    this.#tickedAt = options.now();
    this.#awakeSince = this.#tickedAt;
  }

  /** Links and replicas need each other; the links come second. */
  begin(links: NodeLinks): void {
    this.#links = links;
    this.#tickedAt = this.#options.now();
    this.#tickLater();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    for (const timer of this.#gone.values()) timer[Symbol.dispose]();
  }

  /** Calls back when a node connects or disconnects. Call the result to end it. */
  onPeerChange(listener: () => void): () => void {
    return this.#peerChanges.subscribe(listener);
  }

  connected(node: string): void {
    this.#nodes.add(node);
    this.#peerChanges.notify();
    for (const replica of this.#options.replicas.all()) replica.runner.connected(node);
  }

  /** What that means for replicas is said when it is gone for good; writes wait for that, so not only at the next tick. */
  disconnected(node: string): void {
    this.#peerChanges.notify();
    const { after = realAfter } = this.#options;
    this.#gone.get(node)?.[Symbol.dispose]();
    this.#gone.set(
      node,
      after(goneMs + 1, () => this.#tick()),
    );
  }

  /** Before the process ends. Resolves when no primary waits for a copy of this node any more, or after a second. */
  async leave(): Promise<void> {
    const { replicas, after = realAfter } = this.#options;
    this.#isLeaving = true;
    this.#complain();
    const givingUp = new AbortController();
    using _ = after(leaveMs, () => givingUp.abort());
    await replicas.changes.until(() => ![...replicas.all()].some(isWaitedFor), givingUp.signal).catch(() => {});
  }

  received(node: string, message: LinkMessage): void | Promise<void> {
    return this.#options.replicas.find(message.message.shard)?.receive(node, message);
  }

  /** Bodies take turns: with many shards on a slow link their first messages alone would be more than a queue may hold. */
  async send(node: string, message: LinkMessage): Promise<boolean> {
    const links = this.#links;
    if (links === undefined) return false;
    if (message.bodies.length === 0) return await links.send(node, message);
    let turns = this.#turns.get(node);
    if (turns === undefined) this.#turns.set(node, (turns = { usual: pLimit(bodiesAtOnce), large: pLimit(largeAtOnce) }));
    const bytes = message.bodies.reduce((sum, { operation }) => sum + operation.byteLength, 0);
    return await turns[bytes > largeBytes ? 'large' : 'usual'](() => links.send(node, message));
  }

  lastEchoedAt(node: string): number | undefined {
    return this.#links?.lastEchoedAt(node) ?? this.#echoes.get(node);
  }

  #tickLater(): void {
    const { after = realAfter } = this.#options;
    this.#timer = after(tickMs, () => {
      this.#tickLater();
      this.#tick();
    });
  }

  #tick(): void {
    const now = this.#options.now();
    if (now - this.#tickedAt > tickMs + stoodStillMs) this.#awakeSince = now;
    this.#tickedAt = now;
    this.#rememberEchoes();
    const { replicas } = this.#options;
    for (const replica of replicas.all()) replica.runner.tick((node) => this.#isAway(node, now), this.#awakeSince);
    this.#complain();
  }

  #rememberEchoes(): void {
    for (const node of this.#nodes) {
      const echoedAt = this.#links?.lastEchoedAt(node);
      if (echoedAt !== undefined) this.#echoes.set(node, echoedAt);
    }
  }

  #complain(): void {
    const { replicas } = this.#options;
    for (const { shard, replicaId, damage, runner } of replicas.all()) {
      if (damage !== undefined) this.#say({ kind: 'damaged', shard, replicaId }, runner.seen);
      else if (this.#isLeaving) this.#say({ kind: 'leaving', shard, replicaId }, runner.seen);
    }
    for (const { shard, replicaId, seen } of replicas.damaged()) this.#say({ kind: 'damaged', shard, replicaId }, seen);
  }

  #say(complaint: Complaint, seen: Configuration | undefined): void {
    const message = seen && complaintOf(complaint, seen);
    const node = seen?.members.find((member) => member.replicaId === message?.to)?.node;
    if (message !== undefined && node !== undefined) void this.send(node, { message, bodies: [] });
  }

  #isAway(node: string, now: number): boolean {
    const links = this.#links;
    if (links === undefined) return false;
    const since = (at: number): number => now - Math.max(at, this.#awakeSince);
    if (links.isConnected(node)) return since(links.lastHeardAt(node) ?? 0) > silenceMs;
    return since(links.disconnectedSince(node) ?? 0) > goneMs;
  }
}

/** By the primary of another node. */
function isWaitedFor({ shard, replicaId, runner: { seen } }: LocalReplica): boolean {
  return seen !== undefined && complaintOf({ kind: 'leaving', shard, replicaId }, seen) !== undefined;
}
