/** What must be true of a replica after everything it does. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { LocalReplica } from '@vectorcluster/storage-node/shard/local-replica.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';

interface Known {
  readonly committed: bigint;
  readonly applied: bigint;
}

export class ReplicaLaws {
  readonly #ledger: Ledger;
  readonly #objectOf: (shard: string) => VectorShard | undefined;
  /** Which process led a shard in an epoch. */
  readonly #leaders = new Map<string, string>();
  readonly #known = new WeakMap<LocalReplica, Known>();

  constructor(ledger: Ledger, objectOf: (shard: string) => VectorShard | undefined) {
    this.#ledger = ledger;
    this.#objectOf = objectOf;
  }

  /** `incarnation` is one life of one process. */
  check(replica: LocalReplica, incarnation: string): void {
    const { shard, replicaId, epoch, role, committed, applied } = replica.runner.replica;
    const before = this.#known.get(replica) ?? { committed: 0n, applied: 0n };
    if (committed < before.committed) throw new Violation('I8', `${replicaId} knew ${before.committed} to be committed, now ${committed}`);
    // One that is adopting its epoch has said nothing in it yet, and forgets it when it ends before that is on its disk.
    if (role.kind === 'leading' && role.phase !== 'adopting') this.#leads(`${shard} ${epoch}`, incarnation);
    if (role.kind === 'leading' && committed > before.committed && committed > 0n) this.#commits(replica, committed);
    if (role.kind !== 'barred') this.#applies(replica, before.applied, applied);
    if (committed !== before.committed || applied !== before.applied) this.#known.set(replica, { committed, applied });
  }

  #leads(term: string, incarnation: string): void {
    const known = this.#leaders.get(term);
    if (known === undefined) this.#leaders.set(term, incarnation);
    else if (known !== incarnation)
      throw new Violation(
        known.split('/')[0] === incarnation.split('/')[0] ? 'I13' : 'I1',
        `${incarnation} leads shard and epoch ${term}, as did ${known}`,
      );
  }

  #commits({ runner }: LocalReplica, committed: bigint): void {
    const { shard, replicaId, epoch } = runner.replica;
    const status = this.#objectOf(shard)?.status;
    if (status?.epoch !== Number(epoch)) return;
    const position = { sequence: committed, epoch: this.#ledger.epochOn(replicaId, committed) ?? epoch };
    for (const each of status.inSync ?? []) {
      if (!this.#ledger.holds(each, position))
        throw new Violation('I8', `entry ${committed} is committed in epoch ${epoch}, and ${each}, which is in sync, does not hold it`);
    }
  }

  #applies({ runner }: LocalReplica, before: bigint, applied: bigint): void {
    const { shard, replicaId } = runner.replica;
    const history = this.#ledger.history(shard);
    this.#ledger.showed(replicaId, applied);
    for (let sequence = before + 1n; sequence <= applied; sequence += 1n) {
      const epoch = this.#ledger.epochOn(replicaId, sequence);
      if (epoch !== undefined) history.appliedBy(replicaId, { sequence, epoch });
    }
  }
}
