/** One replica's protocol at work: whatever happens becomes an event, events are taken one at a time, and what follows is carried out. */
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import type { Message } from '../replication/messages.ts';
import { isAsking, type Leader, type Replica } from '../replication/replica.ts';
import { isLeader, step as stepByTheRules, type ReplicaStep } from '../replication/step.ts';
import { whyMalformed } from '../replication/well-formed.ts';
import { Changes } from '../topology/changes.ts';
import type { After } from './after.ts';
import type { Applier } from './applier.ts';
import { Contact } from './contact.ts';
import { DiskOrder } from './disk-order.ts';
import { EffectRunner } from './effect-runner.ts';
import type { Body, EntryStore } from './entry-store.ts';
import { textOf, type Mistake } from './mistake.ts';
import { Outboxes } from './outboxes.ts';
import type { ConfigurationStore, ReplicaNetwork, SnapshotInstaller } from './ports.ts';
import { SnapshotInstallation, type SnapshotInstallationOptions } from './snapshot-installation.ts';
import { PeerTable } from './peer-table.ts';
import { Retention, type RetentionLimits } from './retention.ts';
import { TransferHolds } from './transfer-holds.ts';
import type { WriteAnswers } from './write-answers.ts';

/** How long clients may wait for a hand-over. */
const handOverMs = 1_000;

export interface RunnerOptions {
  readonly replica: Replica;
  readonly entries: EntryStore;
  readonly network: ReplicaNetwork;
  readonly configuration: ConfigurationStore;
  readonly snapshots: SnapshotInstaller;
  readonly answers: WriteAnswers;
  /** Durable when it resolves. */
  readonly saveEpoch: (epoch: bigint) => Promise<void>;
  readonly applier: (onApplied: (upTo: bigint) => void) => Applier;
  /** Bytes appended, for the decision when to flush. */
  readonly onAppended: (bytes: number) => void;
  /** There is no room on the disk to follow a primary. */
  readonly isFull: () => boolean;
  /** A message that no version of ours sends. */
  readonly onRefused: (message: Message, because: string) => void;
  readonly onSnapshotFailure: SnapshotInstallationOptions['onFailure'];
  /** The disk has failed: what is on it is not known any more. */
  readonly onFatal: (error: unknown) => void;
  /** This replica is barred because of a mistake in the program; others go on. Called once. */
  readonly onMistake: (mistake: Mistake) => void;
  /** Own monotonic clock, milliseconds. */
  readonly now: () => number;
  readonly after?: After | undefined;
  /** The protocol; a simulation shows what another one would do. */
  readonly step?: ReplicaStep | undefined;
}

export class ReplicaRunner {
  readonly #options: RunnerOptions;
  readonly #disk: DiskOrder;
  readonly #applier: Applier;
  readonly #installation: SnapshotInstallation;
  readonly #peers = new PeerTable();
  readonly #outboxes: Outboxes;
  readonly #effects: EffectRunner;
  readonly #closing = new AbortController();
  readonly #events: (readonly [ReplicaEvent, readonly Body[]])[] = [];
  #stepping = false;
  #replica: Replica;
  #seen: Configuration | undefined;
  #handOverAskedAt: number | undefined;
  readonly #retention: Retention;
  readonly contact: Contact;
  readonly transfers = new TransferHolds();
  /** Told after every event that changed something. */
  readonly changes = new Changes();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#replica = options.replica;
    this.#retention = new Retention(options.replica.log.last);
    this.#disk = new DiskOrder(options.onFatal, options.now);
    this.#outboxes = new Outboxes({ ...options, nodeOf: (replicaId) => this.#peers.nodeOf(replicaId), epoch: () => this.#replica.epoch });
    this.#applier = options.applier((upTo) => this.feed({ kind: 'applied', upTo }));
    this.#installation = new SnapshotInstallation({
      ...options,
      disk: this.#disk,
      applier: this.#applier,
      replica: () => this.#replica,
      feed: (event) => this.feed(event),
      isInSync: () => this.#seen?.inSync.includes(this.#replica.replicaId) === true,
      onFailure: options.onSnapshotFailure,
      signal: this.#closing.signal,
    });
    this.contact = new Contact({
      ...options,
      replica: () => this.#replica,
      seen: () => this.#seen,
      peers: this.#peers,
      pendingSince: () => this.#disk.pendingSince,
    });
    this.#effects = new EffectRunner({
      ...options,
      disk: this.#disk,
      applier: this.#applier,
      outboxes: this.#outboxes,
      installation: this.#installation,
      replica: () => this.#replica,
      nodeOf: (replicaId) => this.#peers.nodeOf(replicaId),
      feed: (event) => this.feed(event),
      onMistake: (mistake) => this.bar(mistake),
      onTransfer: (to, sequence) => this.transfers.began(to, sequence, this.#replica.log.snapshot.sequence),
      onEpoch: () => this.transfers.clear(),
      onAppended: (upTo, bytes) => {
        options.onAppended(bytes);
        this.#retention.appended(upTo, bytes, options.now());
      },
      signal: this.#closing.signal,
    });
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** The newest configuration that the watch has shown. */
  get seen(): Configuration | undefined {
    return this.#seen;
  }

  get drainedTo(): string | undefined {
    return this.#effects.drainedTo;
  }

  see(configuration: Configuration): void {
    const handOverBefore = this.#seen?.handOverTo;
    this.#seen = configuration;
    this.#peers.learn(configuration);
    this.feed({ kind: 'configuration-seen', configuration });
    const target = configuration.handOverTo;
    if (target === undefined || target === handOverBefore) return;
    this.#handOverAskedAt = this.#options.now();
    this.feed({ kind: 'hand-over-asked', target });
  }

  /** Resolves once what it brought is durable here, so that a sender can be held back. Not `async`: most messages bring nothing. */
  receive(node: string, { message, bodies }: LinkMessage): void | Promise<void> {
    const malformed = whyMalformed(message, bodies.length, this.#replica.epoch);
    if (malformed !== undefined) {
      this.#options.onRefused(message, malformed);
      return;
    }
    if (this.#installation.isInstalling) return;
    // Silence is what a primary understands: it goes on without this copy, and asks again until there is room.
    if (message.kind === 'append' && message.entries.length > 0 && this.#options.isFull()) return;
    this.#peers.spoke(message.from, node);
    if (message.kind === 'appended' || message.kind === 'mismatch') this.#peers.answered(message.from, this.#options.now());
    this.feed({ kind: 'received', message, now: this.#options.now() }, bodies);
    if (message.kind === 'append' && message.entries.length > 0) return this.#disk.whenDurable().catch(() => {});
  }

  /** Entries of this primary's next sequences. Resolves when they are durable here. */
  propose(bodies: readonly Body[]): Promise<void> {
    this.feed({ kind: 'proposed', entries: bodies.length }, bodies);
    return this.#disk.whenDurable();
  }

  connected(node: string): void {
    this.#peers.connected(node, this.#options.now());
    for (const replicaId of this.#peers.replicasOn(node)) this.#speakAgain(replicaId);
  }

  /** To be called a few times a second: misses who is silent, asks again who owes an answer, gives up a hand-over that takes too long. */
  tick(isAway: (node: string) => boolean, awakeSince: number): void {
    const replica = this.#replica;
    if (isAsking(replica)) this.feed({ kind: 'answers-missed' });
    if (!isLeader(replica)) return;
    const now = this.#options.now();
    const { silent, askAgain } = this.#peers.watch(replica, isAway, { now, awakeSince });
    for (const each of silent) this.feed({ kind: 'fell-silent', replica: each });
    for (const each of askAgain) this.#speakAgain(each);
    this.#offerNews(replica);
    if (this.#handOverAskedAt !== undefined && now - this.#handOverAskedAt > handOverMs) {
      this.#handOverAskedAt = undefined;
      this.feed({ kind: 'hand-over-abandoned' });
    }
  }

  /** What the watch showed while the object was being read or changed was not looked at, and may be newer than what came of that. */
  #offerNews({ role }: Leader): void {
    const seen = this.#seen;
    if (seen !== undefined && seen.version !== role.configuration.version) this.feed({ kind: 'configuration-seen', configuration: seen });
  }

  /** Last sequence that need not be in the log any more, when the documents up to `flushed` are on the disk. */
  releasable(flushed: bigint, limits: RetentionLimits): bigint {
    const { role } = this.#replica;
    const held = isLeader(this.#replica) ? this.transfers.needless(this.#replica) : undefined;
    const floor = this.#retention.floor(limits, this.#options.now(), held);
    if (this.#seen !== undefined && this.#seen.members.length <= 1) return flushed;
    const matched = role.kind === 'leading' ? Array.from(role.peers.values(), (peer) => peer.matched) : [0n];
    const heldByAll = matched.reduce((least, each) => (each < least ? each : least), flushed);
    const needless = heldByAll > floor ? heldByAll : floor;
    return needless < flushed ? needless : flushed;
  }

  /** A snapshot takes the place of all it holds just now. */
  get isBeingReplaced(): boolean {
    return this.#installation.isInstalling;
  }

  /** False once it is closed or has failed: nothing is decided any more. */
  get isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Ends at once, in the middle of what it was doing. */
  abandon(): void {
    this.#closing.abort();
    this.changes.notify();
  }

  async close(): Promise<void> {
    this.abandon();
    await this.#applier.close();
    await this.#disk.whenDurable().catch(() => {});
    this.#options.entries.clear();
  }

  feed(event: ReplicaEvent, bodies: readonly Body[] = []): void {
    if (this.#closing.signal.aborted) return;
    this.#events.push([event, bodies]);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#take(...next);
    this.#stepping = false;
    this.changes.notify();
  }

  /** What of this replica's memory still holds is not known; what others hold is. It complains and is built again, as damage makes it. */
  bar(mistake: Mistake): void {
    const { role } = this.#replica;
    if (role.kind === 'barred' || !this.isOpen) return;
    this.#options.onMistake(mistake);
    this.feed({ kind: 'damage-found', because: textOf(mistake) });
  }

  #take(event: ReplicaEvent, bodies: readonly Body[]): void {
    try {
      const [replica, effects] = (this.#options.step ?? stepByTheRules)(this.#replica, event);
      this.#replica = replica;
      for (const effect of effects) this.#effects.carryOut(effect, bodies);
    } catch (error) {
      this.#events.length = 0;
      if (event.kind === 'damage-found') this.#options.onFatal(error);
      else this.bar({ during: event.kind, error });
    }
  }

  /** What was on its way is lost, or as good as. */
  #speakAgain(replicaId: string): void {
    this.#outboxes.clear(replicaId);
    this.feed({ kind: 'connected', replica: replicaId });
  }
}
