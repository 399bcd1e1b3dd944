/** Ready, Reconciling and Stalled by the rules of kstatus. */
import type { Condition } from '@vectorcluster/crds/meta.ts';

/** A condition without the time, which only the writer of the status knows. */
export interface ConditionDraft {
  readonly type: 'Ready' | 'Reconciling' | 'Stalled' | 'FullyReplicated' | 'EpochRaised' | 'HandOver' | 'VolumesResized';
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

export interface Finding {
  /** One CamelCase word. */
  readonly reason: string;
  /** What is so, why, and what to do about it. */
  readonly message: string;
  /** Nothing is being done about it at the moment. */
  readonly isWaiting?: boolean;
}

export interface Findings {
  readonly ready: Finding & { readonly isReady: boolean };
  /** What is under way; empty when nothing is. */
  readonly reconciling: readonly Finding[];
  /** What cannot go on without a person; empty when everything can. */
  readonly stalled: readonly Finding[];
}

/** Who waits for a person is Stalled, not Reconciling, or `kubectl wait` and its like would wait too. */
export function conditionsOf({ ready, reconciling, stalled }: Findings): readonly ConditionDraft[] {
  const underWay = stalled.length > 0 ? reconciling.filter(({ isWaiting }) => isWaiting !== true) : reconciling;
  return [
    { type: 'Ready', status: ready.isReady ? 'True' : 'False', reason: ready.reason, message: ready.message },
    abnormal('Reconciling', underWay, { reason: 'NothingToDo', message: 'everything is as the spec says, or waits for a person' }),
    abnormal('Stalled', stalled, { reason: 'NotStalled', message: 'nothing waits for a person' }),
  ];
}

const messagesShown = 3;

function abnormal(type: 'Reconciling' | 'Stalled', findings: readonly Finding[], normal: Finding): ConditionDraft {
  const [first] = findings;
  if (first === undefined) return { type, status: 'False', ...normal };
  const shown = findings.slice(0, messagesShown).map(({ message }) => message);
  const more = findings.length > messagesShown ? [`and ${findings.length - messagesShown} more`] : [];
  return { type, status: 'True', reason: first.reason, message: [...shown, ...more].join('; ') };
}

/** Adds the times: `lastTransitionTime` changes only when `status` does, or where a draft says that it is new all the same. */
export function withTimes(
  drafts: readonly (ConditionDraft & { readonly isNew?: boolean })[],
  previous: readonly Condition[] | undefined,
  observedGeneration: number,
  now: Date,
): readonly Condition[] {
  return drafts.map(({ isNew = false, ...draft }) => {
    const before = previous?.find(({ type }) => type === draft.type);
    const isSame = !isNew && before?.status === draft.status;
    return { ...draft, observedGeneration, lastTransitionTime: isSame ? before.lastTransitionTime : secondsOf(now) };
  });
}

/** As Kubernetes writes times: whole seconds. */
function secondsOf(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
