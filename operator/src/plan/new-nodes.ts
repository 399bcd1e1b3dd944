/** Nodes that a pool wants and does not have: which ordinals, and in which zones. */
import type { Finding } from './conditions.ts';
import { nodeName } from './names.ts';
import type { ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { spreadOverZones } from './placement/spread-over-zones.ts';
import { allowedZones, noZoneAtAll, zoneWithoutNodes } from './zone-rules.ts';

export interface NewNode {
  readonly name: string;
  readonly zone: string;
}

export interface NewNodes {
  readonly nodes: readonly NewNode[];
  readonly unplaceable: readonly Finding[];
}

/** A zone that was asked for and has no Kubernetes node is waited for, never replaced by another: the person named it. */
export function newNodes(observed: ObservedNodes, pool: ObservedPool): NewNodes {
  const names = freeOrdinals(pool).map((ordinal) => nodeName(pool.objectName, ordinal));
  if (names.length === 0) return { nodes: [], unplaceable: [] };
  const inCluster = observed.pools.flatMap(({ nodes }) => nodes);
  const loads = allowedZones(observed, pool).map((zone) => ({
    zone,
    inPool: countIn(pool.nodes, zone),
    inCluster: countIn(inCluster, zone),
  }));
  if (loads.length === 0) return { nodes: [], unplaceable: [noZoneAtAll(observed, pool)] };
  const zones = spreadOverZones(loads, names.length);
  const all = names.map((name, index) => ({ name, zone: zones[index] ?? '' }));
  return {
    nodes: all.filter(({ zone }) => pool.usableZones.includes(zone)),
    unplaceable: all.filter(({ zone }) => !pool.usableZones.includes(zone)).map(({ name, zone }) => zoneWithoutNodes(observed, name, zone)),
  };
}

function freeOrdinals({ nodes, replicas }: ObservedPool): readonly number[] {
  const taken = new Set(nodes.map(({ ordinal }) => ordinal));
  const free: number[] = [];
  for (let ordinal = 0; taken.size + free.length < replicas; ordinal++) {
    if (!taken.has(ordinal)) free.push(ordinal);
  }
  return free;
}

function countIn(nodes: ObservedPool['nodes'], zone: string): number {
  return nodes.filter((node) => node.zone === zone).length;
}
