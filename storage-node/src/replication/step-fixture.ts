/** A replica on its own, and what is said to it. */
import type { Configuration } from './configuration.ts';
import type { Effect } from './effects.ts';
import type { ReplicaEvent } from './events.ts';
import type { Body, Message } from './messages.ts';
import { startReplica, type Replica } from './replica.ts';
import { step } from './step.ts';

export const configuration: Configuration = {
  version: '7',
  epoch: 2n,
  primary: 'a',
  inSync: ['a', 'b'],
  minInSync: 1,
  handOverTo: undefined,
  members: ['a', 'b', 'c'].map((replicaId) => ({ replicaId, node: replicaId, kind: replicaId === 'c' ? 'Learner' : 'Voter' })),
};

export function run(start: Replica, ...events: readonly ReplicaEvent[]): readonly [Replica, readonly Effect[]] {
  let replica = start;
  let effects: readonly Effect[] = [];
  for (const event of events) [replica, effects] = step(replica, event);
  return [replica, effects];
}

export const replicaOf = (replicaId: string, epoch = 1n): Replica => startReplica({ shard: 's', replicaId, epoch });
export const from = (sender: string, body: Body, epoch = 2n, to = 'a', now = 1000): ReplicaEvent => {
  const message: Message = { shard: 's', epoch, from: sender, to, ...body };
  return { kind: 'received', message, now };
};
export const appended = (sender: string, upTo: bigint, applied = upTo): ReplicaEvent => from(sender, { kind: 'appended', upTo, applied });
export const serving = (): Replica =>
  run(replicaOf('a'), { kind: 'configuration-seen', configuration }, { kind: 'epoch-persisted', epoch: 2n })[0];
