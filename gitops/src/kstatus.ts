/**
 * What kstatus makes of a custom resource: the rule by which Flux, Helm, Config Sync and the like tell whether something that was applied
 * is done. Checked against sigs.k8s.io/cli-utils 0.37: the first that applies counts, and conditions are read in their order.
 */
import { z } from 'zod';

export type Verdict = 'Terminating' | 'InProgress' | 'Failed' | 'Current';

export interface Kstatus {
  readonly verdict: Verdict;
  readonly message: string;
}

const condition = z.looseObject({ type: z.string(), status: z.string(), message: z.string().default('') });

const resource = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ generation: z.number().optional(), deletionTimestamp: z.string().optional() }),
  status: z.looseObject({ observedGeneration: z.number().optional(), conditions: z.array(condition).default([]) }).prefault({}),
});

export function kstatusOf(object: object): Kstatus {
  const { kind, metadata, status } = resource.parse(object);
  const { generation } = metadata;
  const { observedGeneration, conditions } = status;
  if ((metadata.deletionTimestamp ?? '') !== '') return { verdict: 'Terminating', message: 'Resource scheduled for deletion' };
  if (generation !== undefined && observedGeneration !== undefined && observedGeneration !== generation) {
    return {
      verdict: 'InProgress',
      message: `${kind} generation is ${generation}, but latest observed generation is ${observedGeneration}`,
    };
  }
  for (const { type, status, message } of conditions) {
    if (type === 'Reconciling' && status === 'True') return { verdict: 'InProgress', message };
    if (type === 'Stalled' && status === 'True') return { verdict: 'Failed', message };
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { verdict: 'Current', message: 'Resource is current' };
  return ready.status === 'True' ? { verdict: 'Current', message: 'Resource is Ready' } : { verdict: 'InProgress', message: ready.message };
}
