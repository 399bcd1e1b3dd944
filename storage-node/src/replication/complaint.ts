/** What a damaged replica says, again and again, until it is not waited for any more. */
import type { Configuration } from './configuration.ts';
import type { Message } from './messages.ts';

/** To the primary, as long as the object lists the replica as in sync. Undefined when there is nobody to tell but the operator. */
export function complaintOf(shard: string, replicaId: string, { epoch, primary, inSync }: Configuration): Message | undefined {
  if (primary === undefined || primary === replicaId || !inSync.includes(replicaId)) return undefined;
  return { kind: 'damaged', shard, epoch, from: replicaId, to: primary };
}
