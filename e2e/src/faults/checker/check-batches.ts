/** Whether batches took effect as a whole in each shard, when everything is quiet. Pure. */
import { foundBy, inWords, sameOutcome, type SlotHistory, type SlotRead } from './slot-history.ts';
import type { Violation } from './violation.ts';

export function checkBatches(history: SlotHistory, read: SlotRead, shardOf: (id: number) => string): readonly Violation[] {
  return [...Map.groupBy(history.ids, shardOf)].flatMap(([shard, ids]): Violation[] => {
    const found = ids.map((id) => foundBy(read, id));
    const first = found[0];
    if (first === undefined || found.every((outcome) => sameOutcome(first, outcome))) return [];
    const told = ids.map((id, index) => `${id}: ${inWords(found[index] ?? { kind: 'absent' })}`);
    return [{ kind: 'a batch took effect in part', atMs: read.answeredMs, ids, story: [`shard ${shard} holds ${told.join(', ')}`] }];
  });
}
