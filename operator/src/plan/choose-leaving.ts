/**
 * Which nodes of a pool leave: first those in zones that are not wanted, then from the zone that has most of the pool's nodes, then of the
 * cluster's, then one that is not Ready, then who holds fewest copies, then the highest ordinal. Who was chosen is marked, and stays chosen
 * while copies move.
 */
import type { ObservedNode } from './observed-nodes.ts';
import { isUp } from './node-state.ts';

export interface Choice {
  /** Of the pool, those that stay so far. */
  readonly staying: readonly ObservedNode[];
  /** Nodes of the whole cluster that stay, by zone. */
  readonly inCluster: ReadonlyMap<string, number>;
  readonly copiesOn: ReadonlyMap<string, number>;
  /** Undefined for a node that is where it should be. */
  readonly misplaced: (node: ObservedNode) => string | undefined;
}

export function chooseLeaving(choice: Choice, count: number): readonly ObservedNode[] {
  const staying = [...choice.staying];
  const chosen: ObservedNode[] = [];
  while (chosen.length < count) {
    const [next] = staying.toSorted(byWorth({ ...choice, staying }));
    if (next === undefined) break;
    chosen.push(next);
    staying.splice(staying.indexOf(next), 1);
  }
  return chosen;
}

/** Who is missed least comes first. */
function byWorth({ staying, inCluster, copiesOn, misplaced }: Choice) {
  const inPool = (zone: string) => staying.filter((node) => node.zone === zone).length;
  const rank = (node: ObservedNode): readonly number[] => [
    misplaced(node) === undefined ? 1 : 0,
    -inPool(node.zone),
    -(inCluster.get(node.zone) ?? 0),
    isUp(node) ? 1 : 0,
    copiesOn.get(node.name) ?? 0,
    -node.ordinal,
  ];
  return (a: ObservedNode, b: ObservedNode): number => {
    const [ranksOfA, ranksOfB] = [rank(a), rank(b)];
    const first = ranksOfA.findIndex((value, index) => value !== ranksOfB[index]);
    return first === -1 ? 0 : (ranksOfA[first] ?? 0) - (ranksOfB[first] ?? 0);
  };
}
