/** Which zones a pool's nodes belong in, and what to tell when there is no place. */
import type { Finding } from './conditions.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';

/** Zones found by looking include those that have a node of the pool, so that a zone that is down for a moment stays. */
export function allowedZones({ zonesWanted, topologyKey }: ObservedNodes, pool: ObservedPool): readonly string[] {
  if (zonesWanted !== undefined) return zonesWanted.toSorted();
  const here = pool.nodes.filter((node) => node.topologyKey === topologyKey);
  return [...new Set([...pool.usableZones, ...here.map(({ zone }) => zone)])].toSorted();
}

/** Why a node cannot stay where it is; undefined when it can. */
export function misplacedBecause({ zonesWanted, topologyKey }: ObservedNodes, node: ObservedNode): string | undefined {
  if (node.topologyKey !== topologyKey) {
    return `it was placed by ${node.topologyKey}, and spec.zones.topologyKey is ${topologyKey}`;
  }
  if (zonesWanted === undefined || zonesWanted.includes(node.zone)) return undefined;
  return `it is in zone ${node.zone}, which spec.zones.values does not list`;
}

export function noZoneAtAll({ topologyKey }: ObservedNodes, pool: ObservedPool): Finding {
  return {
    reason: 'NoZone',
    message: `pool ${pool.name} cannot be placed: no ready Kubernetes node that its Pods may run on has the label ${topologyKey}; label the nodes, or set spec.zones.topologyKey to a label they have, such as kubernetes.io/hostname`,
  };
}

export function zoneWithoutNodes({ topologyKey }: ObservedNodes, node: string, zone: string): Finding {
  return {
    reason: 'ZoneWithoutNodes',
    message: `${node} cannot be placed: zone ${zone} has no ready Kubernetes node (label ${topologyKey}=${zone}) that it may run on; add one, or take ${zone} out of spec.zones.values`,
  };
}
