import type { ObservedNode } from './observed-nodes.ts';

export function isUp({ pod }: ObservedNode): boolean {
  return pod !== undefined && pod.isReady && pod.deletingSince === undefined;
}
