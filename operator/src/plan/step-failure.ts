/** Steps that the API server refused or did not answer, told in the conditions beside everything else. */
import type { ConditionDraft } from './conditions.ts';

export interface StepFailure {
  readonly object: string;
  /** The API server said no, and will say no again until something is changed. */
  readonly isRefusal: boolean;
  readonly message: string;
}

export const stepRefused = 'StepRefused';

export const nothingElseToDo: ConditionDraft = {
  type: 'Reconciling',
  status: 'False',
  reason: stepRefused,
  message: 'what is left to do was refused, or waits for a person',
};

/** `steps`: those that were to be taken. Where all that is left of them was refused, nothing is under way: the next try is as vain. */
export function withFailures(
  conditions: readonly ConditionDraft[],
  failures: readonly StepFailure[],
  steps: readonly { readonly kind: string; readonly object: string }[],
): readonly ConditionDraft[] {
  const refusals = failures.filter(({ isRefusal }) => isRefusal);
  const retried = failures.filter(({ isRefusal }) => !isRefusal);
  const refused = new Set(refusals.map(({ object }) => object));
  const isUnderWay = steps.some(({ kind, object }) => kind !== 'wait' && !refused.has(`${kind} ${object}`));
  return conditions.map((condition) => {
    if (condition.type === 'Stalled' && refusals.length > 0) {
      return tell(condition, stepRefused, refusals, '; change what it names, and it is tried again');
    }
    if (condition.type !== 'Reconciling') return condition;
    if (retried.length > 0) return tell(condition, 'StepFailed', retried, ' (it is tried again)');
    return refusals.length === 0 || isUnderWay ? condition : nothingElseToDo;
  });
}

function tell(condition: ConditionDraft, reason: string, failures: readonly StepFailure[], remedy: string): ConditionDraft {
  const shown = failures.slice(0, 3).map(({ object, message }) => `${object}: ${message}`);
  const before = condition.status === 'True' ? [condition.message] : [];
  return {
    type: condition.type,
    status: 'True',
    reason: condition.status === 'True' ? condition.reason : reason,
    message: [...before, `${shown.join('; ')}${remedy}`].join('; '),
  };
}
