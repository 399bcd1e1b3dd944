/** One rule broken. What production does not take from outside is broken in what the simulation puts around it. */
import type { ReplicaStep } from '@vectorcluster/storage-node/replication/step.ts';
import type { ReadLevel } from '@vectorcluster/storage-node/replication/serving-reads.ts';
import type { WriteLevel } from '@vectorcluster/storage-node/shard/shard.ts';

export interface Mutation {
  readonly name: string;
  /** The protocol; that of production when left out. */
  readonly step?: ReplicaStep;
  /** Level at which a read that asks for one is served. */
  readonly readLevel?: (level: ReadLevel) => ReadLevel;
  readonly writeLevel?: (level: WriteLevel) => WriteLevel;
  /** A request that is tried again comes with another id. */
  readonly forgetsRequests?: boolean;
  /** Syncs say that they are done and do nothing. */
  readonly syncsLie?: boolean;
  /** The epoch is not written to the disk. */
  readonly forgetsEpochs?: boolean;
  /** A node that lost its volume takes the id that it had. */
  readonly reusesIds?: boolean;
  /** The operator overwrites whatever there is. */
  readonly blindOperator?: boolean;
}

export const asItIs: Mutation = { name: 'all rules kept' };
