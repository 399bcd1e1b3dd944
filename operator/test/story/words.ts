import type { ConditionDraft } from '../../src/plan/conditions.ts';
import type { ClusterStep, CollectionStep, CopiesStep, NodeStep, ShardStep } from '../../src/plan/step.ts';

export type AnyStep = ClusterStep | NodeStep | CollectionStep | ShardStep | CopiesStep;

export function describe(step: AnyStep): string {
  return `${step.kind} ${step.object}${detailOf(step)} because ${step.because}`;
}

function detailOf(step: AnyStep): string {
  if (step.kind === 'create-shard') return ` on ${step.assignments.map(({ node }) => node).join(', ')}`;
  if (step.kind === 'assign-copies') return ` to ${step.assignments.map(({ node }) => node).join(', ')}`;
  if (step.kind === 'ask-hand-over') return ` in epoch ${step.epoch}`;
  if ('epoch' in step) return ` to epoch ${step.epoch}${'node' in step ? ` led by ${step.node}` : ''}`;
  return 'zone' in step ? ` in ${step.zone}` : '';
}

export function conditionLines(conditions: readonly ConditionDraft[]): readonly string[] {
  return conditions
    .filter(({ type, status }) => type === 'Ready' || status === (type === 'FullyReplicated' ? 'False' : 'True'))
    .map(({ type, status, reason, message }) => `         ${type} ${status} ${reason}: ${message}`);
}
