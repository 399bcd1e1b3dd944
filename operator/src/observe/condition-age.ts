import type { Condition } from '@vectorcluster/crds/meta.ts';

/**
 * Since a condition changed, ms; 0 where that is not known. A time that has yet to come was written by an operator whose clock is ahead of
 * ours: infinitely long ago, since all that waits for an age would wait for as long as the clocks differ.
 * Times of Kubernetes are cut to seconds: an age may be up to a second too large.
 */
export function conditionAgeMs({ lastTransitionTime }: Pick<Condition, 'lastTransitionTime'>, now: Date): number {
  const age = now.getTime() - Date.parse(lastTransitionTime);
  if (Number.isNaN(age)) return 0;
  return age < 0 ? Infinity : age;
}
