/** What one replica knows of where the others are and when it heard of them; times are its own monotonic clock, milliseconds. */
import type { Configuration } from '../replication/configuration.ts';
import type { Leader } from '../replication/replica.ts';
import { watchPeers, type Owing, type Watched } from './peer-watch.ts';
import { watchShowing, type Showing } from './show-watch.ts';

export class PeerTable {
  /** Where replicas are, as the object or they themselves said last. */
  readonly #nodes = new Map<string, string>();
  readonly #answeredAt = new Map<string, number>();
  /** When the connection to a node that there is now was made. */
  readonly #connectedAt = new Map<string, number>();
  #owing: ReadonlyMap<string, Owing> = new Map();
  #showing: ReadonlyMap<string, Showing> = new Map();

  learn({ members }: Configuration): void {
    for (const { replicaId, node } of members) this.#nodes.set(replicaId, node);
  }

  spoke(replicaId: string, node: string): void {
    this.#nodes.set(replicaId, node);
  }

  /** It said how its log is. */
  answered(replicaId: string, now: number): void {
    this.#answeredAt.set(replicaId, now);
  }

  connected(node: string, now: number): void {
    this.#connectedAt.set(node, now);
  }

  nodeOf(replicaId: string): string | undefined {
    return this.#nodes.get(replicaId);
  }

  replicasOn(node: string): readonly string[] {
    return Array.from(this.#nodes).flatMap(([replicaId, at]) => (at === node ? [replicaId] : []));
  }

  /**
   * Whether what was heard at that time came over the connection that there is now. One that was there before this replica was opened is not
   * known here, and then all that this replica ever heard came over it: every later one is told.
   */
  isOnThisConnection(node: string, heardAt: number): boolean {
    return (this.#connectedAt.get(node) ?? -Infinity) <= heardAt;
  }

  /** A node's own clock: now, and since when it has not stood still. */
  watch(
    leader: Leader,
    isAway: (node: string) => boolean,
    time: { readonly now: number; readonly awakeSince: number },
  ): Pick<Watched, 'silent' | 'askAgain'> {
    const watched = watchPeers(leader, this.#owing, {
      ...time,
      answeredAt: (replicaId) => this.#answeredAt.get(replicaId),
      isAway: (replicaId) => {
        const node = this.#nodes.get(replicaId);
        return node === undefined || isAway(node);
      },
    });
    const { showing, stuck } = watchShowing(leader, this.#showing, time);
    this.#owing = watched.owing;
    this.#showing = showing;
    return { silent: [...watched.silent, ...stuck], askAgain: watched.askAgain };
  }
}
