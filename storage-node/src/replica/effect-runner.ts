/**
 * Carries out effects of the protocol for one replica, in its order: what touches the disk as it is given, what must be durable before it is
 * said after that. What takes time reports back as an event.
 */
import { NotPrimaryError } from '../errors.ts';
import type { Effect } from '../replication/effects.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import { epochAt } from '../replication/log-shape.ts';
import type { Replica } from '../replication/replica.ts';
import type { Applier } from './applier.ts';
import type { DiskOrder } from './disk-order.ts';
import { entriesOf, type Body, type EntryStore } from './entry-store.ts';
import type { Mistake } from './mistake.ts';
import type { Outboxes } from './outboxes.ts';
import type { ConfigurationStore } from './ports.ts';
import type { SnapshotInstallation } from './snapshot-installation.ts';
import type { WriteAnswers } from './write-answers.ts';

export interface EffectRunnerOptions {
  readonly replica: () => Replica;
  readonly feed: (event: ReplicaEvent) => void;
  readonly disk: DiskOrder;
  readonly entries: EntryStore;
  readonly applier: Applier;
  readonly outboxes: Outboxes;
  readonly installation: SnapshotInstallation;
  readonly nodeOf: (replicaId: string) => string | undefined;
  readonly configuration: ConfigurationStore;
  readonly answers: WriteAnswers;
  /** Durable when it resolves. */
  readonly saveEpoch: (epoch: bigint) => Promise<void>;
  /** Bytes appended up to a sequence. */
  readonly onAppended: (upTo: bigint, bytes: number) => void;
  readonly onMistake: (mistake: Mistake) => void;
  /** A snapshot that reaches the sequence, or further, is told of. */
  readonly onTransfer: (to: string, sequence: bigint) => void;
  /** Another epoch begins. */
  readonly onEpoch: () => void;
  readonly signal: AbortSignal;
}

export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  /** Writes to the log under way, each with the last of its sequences that has not been cut off since. */
  readonly #appending = new Set<{ upTo: bigint }>();
  #drainedTo: string | undefined;

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  /** Replica that holds everything there is while this primary orders nothing new. */
  get drainedTo(): string | undefined {
    return this.#drainedTo;
  }

  /** `bodies` are those of the entries that the event brought. */
  carryOut(effect: Effect, bodies: readonly Body[]): void {
    const { entries, answers, saveEpoch, disk, applier, outboxes, replica } = this.#options;
    switch (effect.kind) {
      case 'persist-epoch':
        this.#drainedTo = undefined;
        this.#options.onEpoch();
        this.#report(
          disk.alone(() => saveEpoch(effect.epoch)),
          () => ({ kind: 'epoch-persisted', epoch: effect.epoch }),
        );
        return;
      case 'truncate':
        entries.forgetFrom(effect.from);
        applier.truncated(effect.from);
        for (const append of this.#appending) if (append.upTo >= effect.from) append.upTo = effect.from - 1n;
        void disk.write(() => entries.truncateFrom(effect.from)).catch(alreadyTold);
        return;
      case 'append': {
        const appended = entriesOf(effect.entries, bodies);
        const upTo = appended.at(-1)?.sequence ?? 0n;
        const bytes = appended.reduce((sum, { operation }) => sum + operation.byteLength, 0);
        this.#options.onAppended(upTo, bytes);
        entries.remember(appended);
        const append = { upTo };
        this.#appending.add(append);
        this.#report(
          disk.write(() => entries.append(appended)),
          () => {
            this.#appending.delete(append);
            applier.durable(append.upTo);
            return { kind: 'persisted', epoch: effect.epoch, upTo };
          },
        );
        return;
      }
      case 'send':
        if (effect.when === 'at-once') outboxes.post(effect.message);
        else void disk.whenDurable().then(() => outboxes.post(effect.message), alreadyTold);
        return;
      case 'apply':
        applier.committed(effect.upTo);
        return;
      case 'answer-writes':
        answers.reached(effect.upTo, effect.level === 'committed' ? 'committed' : 'applied');
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
        answers.refuse(new NotPrimaryError(replica().shard, effect.newerEpoch));
        return;
      case 'report-drained':
        this.#drainedTo = effect.target;
        return;
      case 'resume-writes':
        this.#drainedTo = undefined;
        return;
      case 'report-damage':
        answers.refuse(new NotPrimaryError(replica().shard, replica().epoch));
        return;
    }
  }

  /** What the applied state shows now is what the other will get, or more. */
  #announceSnapshot(to: string): void {
    const { replica, outboxes, onTransfer } = this.#options;
    const { shard, epoch, replicaId, applied, log } = replica();
    onTransfer(to, applied);
    const position = { sequence: applied, epoch: epochAt(log, applied) ?? 0n };
    outboxes.post({ kind: 'snapshot', shard, epoch, from: replicaId, to, position });
  }

  #installSnapshot({ from, position }: Extract<Effect, { kind: 'install-snapshot' }>): void {
    const { nodeOf, installation } = this.#options;
    const node = nodeOf(from);
    if (node !== undefined) installation.begin({ from, node, atLeast: position.sequence });
  }

  async #readConfiguration({ epoch, number }: Extract<Effect, { kind: 'read-configuration' }>): Promise<void> {
    const { signal, configuration: store, feed, onMistake } = this.#options;
    try {
      const configuration = await store.read(signal);
      // An object that is gone has no epochs any more; membership deletes the replica.
      if (configuration !== undefined) feed({ kind: 'configuration-read', epoch, number, configuration });
    } catch (error) {
      if (!signal.aborted) onMistake({ during: 'read-configuration', error });
    }
  }

  #report<Result>(done: Promise<Result>, event: (result: Result) => ReplicaEvent): void {
    void done.then((result) => this.#options.feed(event(result)), alreadyTold);
  }
}

/** DiskOrder has told the failure already, and the process ends. */
function alreadyTold(): void {}
