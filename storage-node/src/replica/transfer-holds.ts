/**
 * Replicas that a snapshot is on its way to, each with the sequence behind which it will need the log. A transfer may take longer than the
 * log is kept otherwise; were it cut meanwhile, the replica would have to begin with another snapshot, and while writes go on with another.
 */
import { entriesUnderWay } from '../replication/catch-up.ts';
import type { Leader } from '../replication/replica.ts';

export class TransferHolds {
  readonly #from = new Map<string, bigint>();

  get areAny(): boolean {
    return this.#from.size > 0;
  }

  /** `kept`: entries up to here are not in the log any more. What was told before is held on to, since a transfer goes on with what it began. */
  began(to: string, sequence: bigint, kept: bigint): void {
    const known = this.#from.get(to);
    if (known === undefined || known < kept) this.#from.set(to, sequence);
  }

  /** Entries up to here are needed by none of them; undefined when there are none. Whoever has caught up, or is gone, is forgotten. */
  needless({ log, role }: Leader): bigint | undefined {
    let least: bigint | undefined;
    for (const [to, from] of this.#from) {
      const matched = role.peers.get(to)?.matched;
      if (matched === undefined || log.last - matched < entriesUnderWay) this.#from.delete(to);
      else {
        const needed = matched > from ? matched : from;
        if (least === undefined || needed < least) least = needed;
      }
    }
    return least;
  }

  /** Of an epoch that is over: the next primary holds the log for those it gives a snapshot. */
  clear(): void {
    this.#from.clear();
  }
}
