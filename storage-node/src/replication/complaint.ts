/** What a replica that is damaged, or whose process is about to end, says again and again until it is not waited for any more. */
import type { Configuration } from './configuration.ts';
import type { Message } from './messages.ts';

export interface Complaint {
  readonly kind: 'damaged' | 'leaving';
  readonly shard: string;
  readonly replicaId: string;
}

/** To the primary, as long as the object lists the replica as in sync. Undefined when there is nobody to tell but the operator. */
export function complaintOf({ kind, shard, replicaId }: Complaint, { epoch, primary, inSync }: Configuration): Message | undefined {
  if (primary === undefined || primary === replicaId || !inSync.includes(replicaId)) return undefined;
  return { kind, shard, epoch, from: replicaId, to: primary };
}
