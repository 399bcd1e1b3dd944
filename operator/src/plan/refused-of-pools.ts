/** What the API server refused of a pool's Pods and volumes: told by the VectorCluster too, which is what people look at first. */
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { ConditionDraft } from './conditions.ts';
import { stepRefused, nothingElseToDo } from './step-failure.ts';

/** `isActing`: the cluster has steps of its own under way. */
export function withPoolRefusals(
  drafts: readonly ConditionDraft[],
  pools: readonly VectorPool[],
  isActing: boolean,
): readonly ConditionDraft[] {
  const refused = pools.flatMap((pool) => {
    const stalled = conditionOf(pool, 'Stalled');
    return stalled?.status === 'True' && stalled.reason === stepRefused ? [stalled.message] : [];
  });
  if (refused.length === 0) return drafts;
  const isUnderWay = isActing || pools.some((pool) => conditionOf(pool, 'Reconciling')?.status === 'True');
  return drafts.map((draft) => {
    if (draft.type === 'Reconciling') return isUnderWay ? draft : nothingElseToDo;
    if (draft.type !== 'Stalled') return draft;
    if (draft.status !== 'True') return { ...draft, status: 'True', reason: stepRefused, message: refused.join('; ') };
    return { ...draft, message: [draft.message, ...refused].join('; ') };
  });
}

/** As the pool controller saw the present spec. */
function conditionOf({ metadata, status }: VectorPool, type: ConditionDraft['type']) {
  return status?.conditions?.find((each) => each.type === type && each.observedGeneration === metadata.generation);
}
