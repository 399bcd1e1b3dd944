/**
 * When others were certainly in touch with one replica, by its own monotonic clock, milliseconds. The connection between two nodes speaks for
 * all their replicas.
 */
import type { Configuration } from '../replication/configuration.ts';
import { membersInForce } from '../replication/commit.ts';
import { unconfirmed } from '../replication/confirmation.ts';
import type { Replica } from '../replication/replica.ts';
import { rules } from '../replication/rules.ts';
import type { PeerTable } from './peer-table.ts';
import type { ReplicaNetwork } from './ports.ts';

/** Whoever has heard nothing of this node for so long, several heartbeats, does not hear its questions either. */
const deafMs = 2_000;

export interface ContactOptions {
  readonly replica: () => Replica;
  /** The newest configuration that the watch has shown. */
  readonly seen: () => Configuration | undefined;
  readonly peers: PeerTable;
  readonly network: ReplicaNetwork;
  /** When the oldest write that is not durable yet began; undefined when there is none. */
  readonly pendingSince: () => number | undefined;
  readonly now: () => number;
}

export class Contact {
  readonly #options: ContactOptions;

  constructor(options: ContactOptions) {
    this.#options = options;
  }

  /**
   * For a follower, with its primary, unless it cannot keep up with its own disk; for a primary, with everyone who could have been
   * promoted.
   */
  heardAt(): number | undefined {
    const { peers, pendingSince } = this.#options;
    const { role, replicaId } = this.#options.replica();
    if (role.kind === 'leading') return this.#withAllAt(membersInForce(rules, role).filter((each) => each !== replicaId));
    if (role.kind !== 'following' || role.heard === undefined) return undefined;
    const node = role.primary === undefined ? undefined : peers.nodeOf(role.primary);
    if (role.primary === undefined || node === undefined || !peers.isOnThisConnection(node, role.heard.at)) return role.heard.at;
    const echoedAt = Math.max(role.heard.at, this.#echoedAt(role.primary) ?? 0);
    return Math.min(echoedAt, pendingSince() ?? echoedAt);
  }

  /** For a follower, with every other copy that the watch has shown to be in sync. */
  othersHeardAt(): number | undefined {
    const { role, replicaId } = this.#options.replica();
    const primary = role.kind === 'following' ? role.primary : undefined;
    const others = (this.#options.seen()?.inSync ?? []).filter((each) => each !== replicaId && each !== primary);
    return this.#withAllAt(others);
  }

  /** For a follower: somebody whom its primary named, and may well hear, does not hear its question. */
  isUnheard(): boolean {
    const { role } = this.#options.replica();
    if (role.kind !== 'following' || role.question?.word === undefined) return false;
    const heardAt = this.#withAllAt(unconfirmed(role.question, role.question.word.inForce));
    return this.#options.now() - (heardAt ?? -Infinity) > deafMs;
  }

  #withAllAt(replicas: readonly string[]): number | undefined {
    return replicas.reduce<number | undefined>((least, each) => earlier(least, this.#echoedAt(each)), this.#options.now());
  }

  #echoedAt(replicaId: string): number | undefined {
    const { peers, network } = this.#options;
    const node = peers.nodeOf(replicaId);
    return node === undefined ? undefined : network.lastEchoedAt(node);
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}
