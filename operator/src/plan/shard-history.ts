/** What conditions remember of a shard: how its epoch began, and what became of the last hand-over. Both have the time of their change. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { ConditionDraft } from './conditions.ts';
import type { ObservedShard } from './observed-shard.ts';
import type { ShardStep } from './step.ts';

export type HistoryDraft = ConditionDraft & {
  /** Its time is now, even if its status was the same before. */
  readonly isNew: boolean;
};

export const epochReasons = {
  'appoint-primary': 'Appointed',
  'fail-over': 'FailedOver',
  'raise-epoch': 'Restarted',
  'name-another': 'PrimaryCutOff',
  'hand-over': 'HandedOver',
} as const;

export function historyOf(after: ObservedShard, steps: readonly ShardStep[], stored: readonly Condition[]): readonly HistoryDraft[] {
  return [epochCondition(steps, stored), handOverCondition(after, steps, stored)].flatMap((draft) => (draft === undefined ? [] : [draft]));
}

function epochCondition(steps: readonly ShardStep[], stored: readonly Condition[]): HistoryDraft | undefined {
  for (const step of steps) {
    if (!('epoch' in step)) continue;
    const message = `epoch ${step.epoch} is led by ${step.node} because ${step.because}`;
    return { type: 'EpochRaised', status: 'True', reason: epochReasons[step.kind], message, isNew: true };
  }
  return kept('EpochRaised', stored);
}

function handOverCondition(
  { handOff, members }: ObservedShard,
  steps: readonly ShardStep[],
  stored: readonly Condition[],
): HistoryDraft | undefined {
  const draft = { type: 'HandOver', isNew: true } as const;
  const before = kept('HandOver', stored);
  if (handOff !== undefined) {
    const target = members.find(({ replicaId }) => replicaId === handOff.target);
    const message = `the primary of epoch ${handOff.epoch} is asked to hand over to ${target?.node ?? handOff.target}`;
    return before?.status === 'True' && before.message === message ? before : { ...draft, status: 'True', reason: 'Asked', message };
  }
  for (const step of steps) {
    if (step.kind === 'hand-over') return { ...draft, status: 'False', reason: 'Done', message: `epoch ${step.epoch}: ${step.because}` };
    if (step.kind === 'withdraw-hand-over')
      return { ...draft, status: 'False', reason: 'Refused', message: `${step.because}; it may be asked again` };
  }
  if (before?.status !== 'True') return before;
  return { ...draft, status: 'False', reason: 'Overtaken', message: 'another epoch began before it was done' };
}

function kept(type: 'EpochRaised' | 'HandOver', stored: readonly Condition[]): HistoryDraft | undefined {
  const found = stored.find((condition) => condition.type === type);
  return found && { type, status: found.status, reason: found.reason, message: found.message, isNew: false };
}
