/** Why nodes may not leave: what the others would lack, in numbers, and what to do. Nothing is changed on account of it. */
import type { Role } from '@vectorcluster/crds/vector-cluster.ts';
import { listed } from './listed.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { misplacedBecause } from './zone-rules.ts';

/** The cluster as it would be. */
export interface Rest {
  readonly observed: ObservedNodes;
  /** By pool: nodes that would be left. */
  readonly staying: ReadonlyMap<ObservedPool, readonly ObservedNode[]>;
  /** The pool that nodes leave, how many, and those. */
  readonly pool: ObservedPool;
  readonly leaving: readonly ObservedNode[];
  readonly asksForSpace: boolean;
}

interface Need {
  readonly field: 'replicationFactor' | 'readReplicas';
  /** Of the shard that wants most. */
  readonly copies: number;
  readonly shard: string;
}

/** First reason wins; undefined when they may. */
export function leaveRefused(rest: Rest): string | undefined {
  const need = needOf(rest);
  if (need === undefined || rest.leaving.length === 0) return undefined;
  return shardsLost(rest) ?? tooFewNodes(rest, need) ?? tooFewZones(rest, need) ?? (rest.asksForSpace ? tooLittleSpace(rest) : undefined);
}

/** A node keeps the data of a VectorShard that was deleted by mistake: they are not in the way of anything but this. */
function shardsLost({ pool, observed }: Rest): string | undefined {
  const [name] = observed.withoutShards;
  return name === undefined
    ? undefined
    : `no node of pool ${pool.name} can leave: VectorShards of ${name} were deleted, and their data may be on it; see the conditions of VectorCollection ${name}`;
}

/** A node holds one copy of a shard. */
function tooFewNodes({ pool, observed, staying, leaving }: Rest, { field, copies, shard }: Need): string | undefined {
  const left = nodesOfRole(staying, pool.role).length + comingOfRole(observed, staying, pool);
  if (left >= copies) return undefined;
  const remedy = pool.isRemoved
    ? `put the pool back, or add ${copies - left} to the replicas of another ${pool.role} pool`
    : `set replicas of pool ${pool.name} to at least ${keptOf(staying, pool) + copies - left}`;
  return `${leaving.length === 1 ? '1 node' : `${leaving.length} nodes`} of pool ${pool.name} cannot leave: ${field} of ${shard} is ${copies}, and ${left === 1 ? '1 node' : `${left} nodes`} with role ${pool.role} would be left; ${remedy}, or lower ${field} to ${left}`;
}

/** Copies that are in distinct zones now stay so, unless the zones themselves are given up. */
function tooFewZones({ pool, observed, staying, leaving }: Rest, { field, copies, shard }: Need): string | undefined {
  if (pool.role !== 'Data') return undefined;
  const isPlaced = (node: ObservedNode) => misplacedBecause(observed, node) === undefined;
  const now = zonesOf([...leaving, ...nodesOfRole(staying, pool.role)].filter(isPlaced));
  const left = zonesOf(nodesOfRole(staying, pool.role));
  if (left.length + comingOfRole(observed, staying, pool) >= Math.min(copies, now.length)) return undefined;
  const lost = now.filter((zone) => !left.includes(zone));
  return `pool ${pool.name} cannot give up its nodes in ${lost.join(', ')}: ${field} of ${shard} is ${copies}, and with nodes in ${left.length} of ${now.length} zones its copies would share one; keep a Data node there, or lower ${field} to ${left.length}`;
}

/** Where less is left, a node would soon refuse writes. */
const keptFree = 0.15;

/** Nodes that do not tell are not counted on. */
function tooLittleSpace({ pool, observed, staying, leaving }: Rest): string | undefined {
  const volumes = (nodes: readonly ObservedNode[]) => nodes.flatMap(({ name }) => observed.volumes.get(name) ?? []);
  const others = nodesOfRole(staying, pool.role);
  const [going, rest] = [volumes(leaving), volumes(others)];
  if (going.length < leaving.length || rest.length < others.length) return undefined;
  const needed = sum(going.map(({ usedBytes }) => usedBytes));
  const room = sum(rest.map(({ usedBytes, freeBytes }) => Math.max(0, freeBytes - keptFree * (usedBytes + freeBytes))));
  if (needed <= room) return undefined;
  return `${listed(leaving.map(({ name }) => name))} cannot leave: ${gibibytes(needed)} are there, and the other nodes with role ${pool.role} have room for ${gibibytes(room)} with ${keptFree * 100} % kept free; keep more nodes, raise storage.size, or delete data`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function needOf({ observed, pool }: Rest): Need | undefined {
  const field = pool.role === 'Read' ? 'readReplicas' : 'replicationFactor';
  const [most] = observed.shards.toSorted((a, b) => b.wanted[field] - a.wanted[field] || (a.name < b.name ? -1 : 1));
  return most && { field, copies: most.wanted[field], shard: most.name };
}

function nodesOfRole(staying: Rest['staying'], role: Role): readonly ObservedNode[] {
  return [...staying].flatMap(([pool, nodes]) => (pool.role === role ? nodes : []));
}

/** Asked for by other pools, and on their way. */
function comingOfRole({ pools }: ObservedNodes, staying: Rest['staying'], besides: ObservedPool): number {
  const others = pools.filter((pool) => pool !== besides && pool.role === besides.role);
  return others.reduce((sum, pool) => sum + Math.max(0, pool.replicas - keptOf(staying, pool)), 0);
}

function keptOf(staying: Rest['staying'], pool: ObservedPool): number {
  return staying.get(pool)?.length ?? 0;
}

function zonesOf(nodes: readonly ObservedNode[]): readonly string[] {
  return [...new Set(nodes.map(({ zone }) => zone))].toSorted();
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
