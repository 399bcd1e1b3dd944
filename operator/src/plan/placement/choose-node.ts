import type { PlaceableNode } from './place-copies.ts';

/**
 * The node for one more copy of a shard that has copies in `zones`: in a zone that it uses least, then with the least load, then in the
 * zone with the least load, then the first by name. The same order as `placeCopies` has.
 */
export function chooseNode(candidates: readonly PlaceableNode[], zones: readonly string[]): PlaceableNode | undefined {
  const used = (zone: string) => zones.filter((each) => each === zone).length;
  const zoneLoad = (zone: string) => candidates.reduce((sum, node) => (node.zone === zone ? sum + node.load : sum), 0);
  return candidates.toSorted(
    (a, b) => used(a.zone) - used(b.zone) || a.load - b.load || zoneLoad(a.zone) - zoneLoad(b.zone) || (a.name < b.name ? -1 : 1),
  )[0];
}
