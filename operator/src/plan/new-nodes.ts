/** Nodes that a pool wants and does not have: which ordinals, and in which zones. */
import type { Finding } from './conditions.ts';
import type { MembersByPool } from './members.ts';
import { nodeName } from './names.ts';
import type { ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { spreadOverZones } from './placement/spread-over-zones.ts';
import { allowedZones, noZoneAtAll, zoneWithoutNodes } from './zone-rules.ts';

export interface NewNode {
  readonly name: string;
  readonly zone: string;
  readonly because: string;
}

export interface NewNodes {
  readonly nodes: readonly NewNode[];
  readonly unplaceable: readonly Finding[];
}

/** A zone that was asked for and has no Kubernetes node is waited for, never replaced by another: the person named it. */
export function newNodes(observed: ObservedNodes, pool: ObservedPool, members: MembersByPool): NewNodes {
  const { added = 0, surge } = members.get(pool) ?? {};
  const names = freeOrdinals(pool, surge === undefined ? added : 1).map((ordinal) => nodeName(pool.objectName, ordinal));
  if (names.length === 0) return { nodes: [], unplaceable: [] };
  const wants = `pool ${pool.name} wants ${pool.replicas === 1 ? '1 node' : `${pool.replicas} nodes`}`;
  const because = surge?.because ?? `${wants} and has ${pool.replicas - added}`;
  if (surge !== undefined) return { nodes: names.map((name) => ({ name, zone: surge.zone, because })), unplaceable: [] };
  const inPool = members.get(pool)?.staying ?? [];
  const inCluster = [...members.values()].flatMap(({ staying }) => staying);
  const loads = allowedZones(observed, pool).map((zone) => ({
    zone,
    inPool: countIn(inPool, zone),
    inCluster: countIn(inCluster, zone),
  }));
  if (loads.length === 0) return { nodes: [], unplaceable: [noZoneAtAll(observed, pool)] };
  const zones = spreadOverZones(loads, names.length);
  const all = names.map((name, index) => ({ name, zone: zones[index] ?? '', because }));
  return {
    nodes: all.filter(({ zone }) => pool.usableZones.includes(zone)),
    unplaceable: all.filter(({ zone }) => !pool.usableZones.includes(zone)).map(({ name, zone }) => zoneWithoutNodes(observed, name, zone)),
  };
}

function freeOrdinals({ nodes }: ObservedPool, count: number): readonly number[] {
  const taken = new Set(nodes.map(({ ordinal }) => ordinal));
  const free: number[] = [];
  for (let ordinal = 0; free.length < count; ordinal++) {
    if (!taken.has(ordinal)) free.push(ordinal);
  }
  return free;
}

function countIn(nodes: ObservedPool['nodes'], zone: string): number {
  return nodes.filter((node) => node.zone === zone).length;
}
