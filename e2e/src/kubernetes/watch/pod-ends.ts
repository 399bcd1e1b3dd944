/** How Pods go: one that is gone while its container still ran was deleted by force, and two might have had its volume. */
import type { Pod } from '@vectorcluster/kube/types/core.ts';

/** `last`: the Pod as it was when it went. */
export function forcedBecause({ metadata, spec, status }: Pod): string | undefined {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (spec?.nodeName === undefined || running === undefined) return undefined;
  return `Pod ${metadata.name} was gone while its container ${running.name} ran`;
}
