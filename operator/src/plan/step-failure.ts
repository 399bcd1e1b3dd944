/** Steps that the API server refused or did not answer, told in the conditions beside everything else. */
import type { ConditionDraft } from './conditions.ts';

export interface StepFailure {
  readonly object: string;
  /** The API server said no, and will say no again until something is changed. */
  readonly isRefusal: boolean;
  readonly message: string;
}

export function withFailures(conditions: readonly ConditionDraft[], failures: readonly StepFailure[]): readonly ConditionDraft[] {
  const refusals = failures.filter(({ isRefusal }) => isRefusal);
  const retried = failures.filter(({ isRefusal }) => !isRefusal);
  return conditions.map((condition) => {
    if (condition.type === 'Stalled' && refusals.length > 0) {
      return tell(condition, 'StepRefused', refusals, 'the API server refused it; change what it names');
    }
    if (condition.type === 'Reconciling' && retried.length > 0) return tell(condition, 'StepFailed', retried, 'it is tried again');
    return condition;
  });
}

function tell(condition: ConditionDraft, reason: string, failures: readonly StepFailure[], remedy: string): ConditionDraft {
  const shown = failures.slice(0, 3).map(({ object, message }) => `${object}: ${message}`);
  const before = condition.status === 'True' ? [condition.message] : [];
  return {
    type: condition.type,
    status: 'True',
    reason: condition.status === 'True' ? condition.reason : reason,
    message: [...before, `${shown.join('; ')} (${remedy})`].join('; '),
  };
}
