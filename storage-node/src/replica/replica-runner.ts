/**
 * Carries out what the replication protocol of one replica wants done, in its order: persist, then send, then answer. Events are taken
 * one at a time; effects that take time report back as events.
 */
import type { LinkMessage } from '../peer/link/link-message.ts';
import { NotPrimaryError } from '../errors.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { Effect } from '../replication/effects.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import { epochAt } from '../replication/log-shape.ts';
import type { Message } from '../replication/messages.ts';
import type { Replica } from '../replication/replica.ts';
import { isLeader, step } from '../replication/step.ts';
import { whyMalformed } from '../replication/well-formed.ts';
import { Changes } from '../topology/changes.ts';
import type { Applier } from './applier.ts';
import { DiskOrder } from './disk-order.ts';
import { entriesOf, type Body, type EntryStore } from './entry-store.ts';
import { Outbox } from './outbox.ts';
import type { ConfigurationStore, ReplicaNetwork, SnapshotInstaller } from './ports.ts';
import { SnapshotInstallation, type SnapshotInstallationOptions } from './snapshot-installation.ts';
import { watchPeers, type Owing } from './peer-watch.ts';
import type { PendingReads } from './pending-reads.ts';
import { Retention, type RetentionLimits } from './retention.ts';
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
  readonly reads: PendingReads;
  /** Durable when it resolves. */
  readonly saveEpoch: (epoch: bigint) => Promise<void>;
  readonly applier: (onApplied: (upTo: bigint) => void) => Applier;
  /** Bytes appended, for the decision when to flush. */
  readonly onAppended: (bytes: number) => void;
  /** A message that no version of ours sends. */
  readonly onRefused: (message: Message, because: string) => void;
  readonly onSnapshotFailure: SnapshotInstallationOptions['onFailure'];
  readonly onFatal: (error: unknown) => void;
  /** Own monotonic clock, milliseconds. */
  readonly now: () => number;
}

export class ReplicaRunner {
  readonly #options: RunnerOptions;
  readonly #disk: DiskOrder;
  readonly #applier: Applier;
  readonly #installation: SnapshotInstallation;
  readonly #outboxes = new Map<string, Outbox>();
  /** Where replicas are, as the object or they themselves said last. */
  readonly #nodes = new Map<string, string>();
  /** Own clock: when a replica said something last. */
  readonly #spokeAt = new Map<string, number>();
  #owing: ReadonlyMap<string, Owing> = new Map();
  /** Own clock: when the connection to a node that there is now was made. */
  readonly #connectedAt = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #events: (readonly [ReplicaEvent, readonly Body[]])[] = [];
  #stepping = false;
  #replica: Replica;
  #seen: Configuration | undefined;
  /** Writes to the log under way, each with the last of its sequences that has not been cut off since. */
  readonly #appending = new Set<{ upTo: bigint }>();
  #drainedTo: string | undefined;
  #handOverAskedAt: number | undefined;
  readonly #retention: Retention;
  /** Told after every event that changed something. */
  readonly changes = new Changes();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#replica = options.replica;
    this.#retention = new Retention(options.replica.log.last);
    this.#disk = new DiskOrder(options.onFatal);
    this.#applier = options.applier((upTo) => this.feed({ kind: 'applied', upTo }));
    this.#installation = new SnapshotInstallation({
      ...options,
      disk: this.#disk,
      applier: this.#applier,
      replica: () => this.#replica,
      feed: (event) => this.feed(event),
      onFailure: options.onSnapshotFailure,
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
    return this.#drainedTo;
  }

  /**
   * Own clock: when the primary was certainly in touch with this replica. The connection between the two nodes speaks for it, as long as
   * it is the one on which the primary spoke of this shard.
   */
  heardAt(): number | undefined {
    const { role } = this.#replica;
    if (role.kind !== 'following' || role.heard === undefined) return undefined;
    const node = role.primary === undefined ? undefined : this.#nodes.get(role.primary);
    if (node === undefined || (this.#connectedAt.get(node) ?? Infinity) > role.heard.at) return role.heard.at;
    return Math.max(role.heard.at, this.#options.network.lastEchoedAt(node) ?? 0);
  }

  see(configuration: Configuration): void {
    const handOverBefore = this.#seen?.handOverTo;
    this.#seen = configuration;
    for (const { replicaId, node } of configuration.members) this.#nodes.set(replicaId, node);
    this.feed({ kind: 'configuration-seen', configuration });
    const { handOverTo } = configuration;
    if (handOverTo === undefined || handOverTo === handOverBefore) return;
    this.#handOverAskedAt = this.#options.now();
    this.feed({ kind: 'hand-over-asked', target: handOverTo });
  }

  /** Resolves once what it brought is durable here, so that a sender can be held back. */
  async receive(node: string, { message, bodies }: LinkMessage): Promise<void> {
    const malformed = whyMalformed(message, bodies.length, this.#replica.epoch);
    if (malformed !== undefined) {
      this.#options.onRefused(message, malformed);
      return;
    }
    if (this.#installation.isInstalling) return;
    this.#nodes.set(message.from, node);
    this.#spokeAt.set(message.from, this.#options.now());
    this.feed({ kind: 'received', message, now: this.#options.now() }, bodies);
    if (message.kind === 'append') await this.#disk.whenDurable().catch(() => {});
  }

  /** Entries of this primary's next sequences. Resolves when they are durable here. */
  propose(bodies: readonly Body[]): Promise<void> {
    this.feed({ kind: 'proposed', entries: bodies.length }, bodies);
    return this.#disk.whenDurable();
  }

  connected(node: string): void {
    this.#connectedAt.set(node, this.#options.now());
    for (const [replicaId, at] of this.#nodes) {
      if (at !== node) continue;
      this.#outboxes.get(replicaId)?.clear();
      this.feed({ kind: 'connected', replica: replicaId });
    }
  }

  /** To be called a few times a second: misses who is silent, asks again who owes an answer, gives up a hand-over that takes too long. */
  tick(isAway: (node: string) => boolean): void {
    const replica = this.#replica;
    if (!isLeader(replica)) return;
    const now = this.#options.now();
    const isReplicaAway = (replicaId: string): boolean => {
      const node = this.#nodes.get(replicaId);
      return node === undefined || isAway(node);
    };
    const spokeAt = (replicaId: string) => this.#spokeAt.get(replicaId);
    const { owing, silent, askAgain } = watchPeers(replica, this.#owing, { now, spokeAt, isAway: isReplicaAway });
    this.#owing = owing;
    for (const each of silent) this.feed({ kind: 'fell-silent', replica: each });
    for (const each of askAgain) {
      this.#outboxes.get(each)?.clear();
      this.feed({ kind: 'connected', replica: each });
    }
    if (this.#handOverAskedAt !== undefined && now - this.#handOverAskedAt > handOverMs) {
      this.#handOverAskedAt = undefined;
      this.feed({ kind: 'hand-over-abandoned' });
    }
  }

  /** Last sequence that need not be in the log any more, when the documents up to `flushed` are on the disk. */
  releasable(flushed: bigint, limits: RetentionLimits): bigint {
    const floor = this.#retention.floor(limits, this.#options.now());
    const { role } = this.#replica;
    if (this.#seen !== undefined && this.#seen.members.length <= 1) return flushed;
    const held = role.kind === 'leading' ? Array.from(role.peers.values(), ({ matched }) => matched) : [0n];
    const heldByAll = held.reduce((least, each) => (each < least ? each : least), flushed);
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
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#take(...next);
    } catch (error) {
      this.#options.onFatal(error); // what holds no more is not known
    } finally {
      this.#stepping = false;
    }
    this.changes.notify();
  }

  #take(event: ReplicaEvent, bodies: readonly Body[]): void {
    const [replica, effects] = step(this.#replica, event);
    this.#replica = replica;
    for (const effect of effects) this.#carryOut(effect, bodies);
  }

  #carryOut(effect: Effect, bodies: readonly Body[]): void {
    const { entries, answers, reads, saveEpoch } = this.#options;
    switch (effect.kind) {
      case 'persist-epoch':
        this.#drainedTo = undefined;
        this.#report(
          this.#disk.alone(() => saveEpoch(effect.epoch)),
          () => ({ kind: 'epoch-persisted', epoch: effect.epoch }),
        );
        return;
      case 'truncate':
        entries.forgetFrom(effect.from);
        this.#applier.truncated(effect.from);
        for (const append of this.#appending) if (append.upTo >= effect.from) append.upTo = effect.from - 1n;
        void this.#disk.write(() => entries.truncateFrom(effect.from)).catch(alreadyTold);
        return;
      case 'append': {
        const appended = entriesOf(effect.entries, bodies);
        const upTo = appended.at(-1)?.sequence ?? 0n;
        const bytes = appended.reduce((sum, { operation }) => sum + operation.byteLength, 0);
        this.#options.onAppended(bytes);
        this.#retention.appended(upTo, bytes, this.#options.now());
        entries.remember(appended);
        const append = { upTo };
        this.#appending.add(append);
        this.#report(
          this.#disk.write(() => entries.append(appended)),
          () => {
            this.#appending.delete(append);
            this.#applier.durable(append.upTo);
            return { kind: 'persisted', epoch: effect.epoch, upTo };
          },
        );
        return;
      }
      case 'send':
        if (effect.when === 'at-once') this.#post(effect.message);
        else void this.#disk.whenDurable().then(() => this.#post(effect.message), alreadyTold);
        return;
      case 'apply':
        this.#applier.committed(effect.upTo);
        return;
      case 'answer-writes':
        answers.reached(effect.upTo, effect.level === 'committed' ? 'committed' : 'applied');
        return;
      case 'answer-reads':
        for (const read of effect.reads) reads.confirmed(read, effect.upTo);
        return;
      case 'refuse-reads':
        for (const read of effect.reads) reads.refused(read, effect.epoch);
        return;
      case 'change-in-sync':
        this.#report(this.#options.configuration.changeInSync(effect), (outcome) => ({
          kind: 'change-answered',
          epoch: effect.epoch,
          attempt: effect.attempt,
          outcome,
        }));
        return;
      case 'read-configuration':
        void this.#readConfiguration(effect);
        return;
      case 'transfer-snapshot':
        this.#announceSnapshot(effect.to);
        return;
      case 'install-snapshot':
        this.#installSnapshot(effect);
        return;
      case 'step-down':
        this.#drainedTo = undefined;
        answers.refuse(new NotPrimaryError(this.#replica.shard, effect.newerEpoch));
        return;
      case 'report-drained':
        this.#drainedTo = effect.target;
        return;
      case 'resume-writes':
        this.#drainedTo = undefined;
        return;
      case 'report-damage':
        answers.refuse(new NotPrimaryError(this.#replica.shard, this.#replica.epoch));
        return;
    }
  }

  #post(message: Message): void {
    let outbox = this.#outboxes.get(message.to);
    if (outbox === undefined) {
      const { entries, network } = this.#options;
      const { to } = message;
      const send = async (sent: LinkMessage) => {
        const node = this.#nodes.get(to);
        return node !== undefined && (await network.send(node, sent));
      };
      outbox = new Outbox({ entries, send, epoch: () => this.#replica.epoch });
      this.#outboxes.set(to, outbox);
    }
    outbox.post(message);
  }

  /** What the applied state shows now is what the other will get, or more. */
  #announceSnapshot(to: string): void {
    const { shard, epoch, replicaId, applied, log } = this.#replica;
    const position = { sequence: applied, epoch: epochAt(log, applied) ?? 0n };
    this.#post({ kind: 'snapshot', shard, epoch, from: replicaId, to, position });
  }

  #installSnapshot({ from, position }: Extract<Effect, { kind: 'install-snapshot' }>): void {
    const node = this.#nodes.get(from);
    if (node !== undefined) this.#installation.begin({ from, node, atLeast: position.sequence });
  }

  async #readConfiguration({ epoch, number }: Extract<Effect, { kind: 'read-configuration' }>): Promise<void> {
    const { signal } = this.#closing;
    try {
      const configuration = await this.#options.configuration.read(signal);
      // An object that is gone has no epochs any more; membership deletes the replica.
      if (configuration !== undefined) this.feed({ kind: 'configuration-read', epoch, number, configuration });
    } catch (error) {
      if (!signal.aborted) this.#options.onFatal(error);
    }
  }

  #report<Result>(done: Promise<Result>, event: (result: Result) => ReplicaEvent): void {
    void done.then((result) => this.feed(event(result)), alreadyTold);
  }
}

/** DiskOrder has told the failure already, and the process ends. */
function alreadyTold(): void {}
