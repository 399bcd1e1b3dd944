/** A replica whose data cannot be opened: it answers nothing and is promoted by nobody, and waits until it may be built again. */
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import type { Configuration } from '../replication/configuration.ts';

export class DamagedReplica {
  readonly shard: string;
  readonly replicaId: string;
  readonly because: string;
  seen: Configuration | undefined;

  constructor(shard: string, replicaId: string, because: string) {
    this.shard = shard;
    this.replicaId = replicaId;
    this.because = because;
  }

  facts(): ReplicaFacts {
    const { shard, replicaId, because } = this;
    const nothing = { logged: 0n, committed: 0n, applied: 0n, points: 0, drainedTo: undefined };
    return { shard, replicaId, because, epoch: this.seen?.epoch ?? 0n, role: 'barred', serves: false, ...nothing };
  }
}
