/**
 * A node where one should be: for one that is in a zone that is not wanted, or for one of a zone that has at least two more than another.
 * Only while nobody else comes or leaves and all that are where they should be are up. Each such move lowers the number of misplaced nodes, or the sum of the squares of
 * nodes in zones, so moves end, and there are as few of them as can be.
 */
import type { Members } from './members.ts';
import { isUp } from './node-state.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { spreadOverZones } from './placement/spread-over-zones.ts';
import { allowedZones, misplacedBecause } from './zone-rules.ts';

/** One node more than the pool wants. */
export interface Surge {
  readonly pool: ObservedPool;
  readonly zone: string;
  readonly because: string;
}

export function mendSpread(observed: ObservedNodes, members: ReadonlyMap<ObservedPool, Members>): Surge | undefined {
  const isFine = (node: ObservedNode) => isUp(node) || misplacedBecause(observed, node) !== undefined;
  const isCalm = [...members].every(
    ([{ nodes }, { leaving, added, steps }]) => leaving.length === 0 && added === 0 && steps.length === 0 && nodes.every(isFine),
  );
  if (!isCalm) return undefined;
  for (const [pool, { staying }] of members) {
    if (pool.isRemoved || !pool.hasStorage || staying.length !== pool.replicas) continue;
    const surge = surgeOf(observed, pool, staying);
    if (surge !== undefined) return surge;
  }
  return undefined;
}

function surgeOf(observed: ObservedNodes, pool: ObservedPool, staying: readonly ObservedNode[]): Surge | undefined {
  const placed = staying.filter((node) => misplacedBecause(observed, node) === undefined);
  const inCluster = observed.pools.flatMap(({ nodes }) => nodes);
  const loads = allowedZones(observed, pool)
    .filter((zone) => pool.usableZones.includes(zone))
    .map((zone) => ({ zone, inPool: countIn(placed, zone), inCluster: countIn(inCluster, zone) }));
  const [zone] = spreadOverZones(loads, 1);
  if (zone === undefined) return undefined;
  const away = staying.find((node) => !placed.includes(node));
  if (away !== undefined) {
    return { pool, zone, because: `${away.name} leaves once another is there: ${misplacedBecause(observed, away)}` };
  }
  const fewest = countIn(placed, zone);
  const crowded = placed.find((node) => countIn(placed, node.zone) >= fewest + 2);
  if (crowded === undefined) return undefined;
  const most = countIn(placed, crowded.zone);
  return {
    pool,
    zone,
    because: `zone ${zone} has ${fewest === 0 ? 'none' : fewest} of the nodes of pool ${pool.name}, and zone ${crowded.zone} has ${most}: one of those leaves once another is there`,
  };
}

function countIn(nodes: readonly ObservedNode[], zone: string): number {
  return nodes.filter((node) => node.zone === zone).length;
}
