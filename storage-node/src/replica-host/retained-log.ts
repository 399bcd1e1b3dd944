/** How much of its log a node keeps for copies that were away, or that a snapshot is on its way to. */
import type { RetentionLimits } from '../replica/retention.ts';
import type { LocalReplica } from '../shard/local-replica.ts';

/** All replicas together; and of one replica at least and at most. */
const retainedBytes = 1024 * 1024 * 1024;
const retainedBytesMin = 1024 * 1024;
const retainedBytesMax = 64 * 1024 * 1024;
const retainedMs = 15 * 60_000;
/** For transfers, all replicas together; of one at least `retainedBytesMax`. */
const transferRetainedBytes = 8 * 1024 * 1024 * 1024;

/** Of each of these replicas. */
export function retentionOf(replicas: ReadonlySet<LocalReplica>): RetentionLimits {
  const transferring = [...replicas].filter(({ runner }) => runner.transfers.areAny).length;
  return {
    bytes: Math.min(Math.max(retainedBytes / Math.max(1, replicas.size), retainedBytesMin), retainedBytesMax),
    ms: retainedMs,
    transferBytes: Math.max(transferRetainedBytes / Math.max(1, transferring), retainedBytesMax),
  };
}
