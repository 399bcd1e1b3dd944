/** In which zones a pool's nodes may be, and what of the zones asked for cannot be had. */
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';
import type { ObservedNodes, ObservedPool } from './observed-nodes.ts';

/** Zones found by looking include those that have a node of the pool, so that a zone that is down for a moment stays. */
export function allowedZones({ zonesWanted }: ObservedNodes, pool: ObservedPool): readonly string[] {
  if (zonesWanted !== undefined) return zonesWanted.toSorted();
  return [...new Set([...pool.usableZones, ...pool.nodes.map(({ zone }) => zone)])].toSorted();
}

export function zoneChangesRefused(observed: ObservedNodes, pool: ObservedPool): readonly Finding[] {
  const { zonesWanted, topologyKey } = observed;
  const stay = 'moving nodes between zones is not served by this version, so they stay where they are';
  const findings: Finding[] = [];
  const otherKey = pool.nodes.filter((node) => node.topologyKey !== topologyKey);
  const [first] = otherKey;
  if (first !== undefined) {
    findings.push({
      reason: 'ZoneChangeNotSupported',
      message: `spec.zones.topologyKey is ${topologyKey}, but ${listed(otherKey.map(({ name }) => name))} were placed by ${first.topologyKey}: ${stay}; set it back to ${first.topologyKey}`,
    });
  }
  const outside = pool.nodes.filter(({ zone }) => zonesWanted !== undefined && !zonesWanted.includes(zone));
  if (outside.length > 0) {
    const zones = [...new Set(outside.map(({ zone }) => zone))].toSorted();
    findings.push({
      reason: 'ZoneChangeNotSupported',
      message: `spec.zones.values does not list ${listed(zones)}, where ${listed(outside.map(({ name }) => name))} are: ${stay}; put ${listed(zones)} back`,
    });
  }
  return findings;
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
