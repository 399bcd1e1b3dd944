import type { ObservedCopiesOfShard } from './observed-copies.ts';

/** In sync without it: as many as a write needs, and at least one. */
export function mayGo({ inSync, minInSync, wanted, epoch }: ObservedCopiesOfShard, node: string): boolean {
  if (epoch === 0 || !inSync.some((copy) => copy.node === node)) return true;
  const others = inSync.filter((copy) => copy.node !== node && copy.isThere).length;
  return others >= Math.max(1, minInSync, wanted.minInSync);
}
