/**
 * Which nodes belong to each pool: who stays, who leaves, how many come. A pure choice in three cases.
 *
 * Too many: the ones that are missed least begin to leave, if the rest can do without them. Too few: who is leaving stays, then new ones
 * come. As many as wanted, but some in the wrong zone: one comes where it should be, and next time there is one too many. So a node moves
 * between zones by a surge of one and the same leaving, one node of the cluster at a time, each bringing the spread nearer to even.
 */
import type { LeavingNode } from '@vectorcluster/crds/vector-pool.ts';
import { chooseLeaving } from './choose-leaving.ts';
import type { Finding } from './conditions.ts';
import { leaveRefused } from './leave-refusals.ts';
import { mendSpread, type Surge } from './mend-spread.ts';
import { isUp } from './node-state.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import type { NodeStep } from './step.ts';
import { allowedZones, misplacedBecause } from './zone-rules.ts';

export interface Members {
  /** In the order in which they are emptied. */
  readonly leaving: readonly LeavingNode[];
  readonly staying: readonly ObservedNode[];
  /** How many to add, wherever there are fewest; or one more than wanted, in a given zone. */
  readonly added: number;
  readonly surge: Surge | undefined;
  readonly steps: readonly NodeStep[];
  readonly stalled: readonly Finding[];
}

export type MembersByPool = ReadonlyMap<ObservedPool, Members>;

export function planMembers(observed: ObservedNodes): MembersByPool {
  const members = new Map(observed.pools.map((pool) => [pool, asMarked(pool)]));
  for (const pool of observed.pools) members.set(pool, membersOf(observed, pool, members));
  const surge = mendSpread(observed, members);
  const crowded = surge && members.get(surge.pool);
  if (surge !== undefined && crowded !== undefined) members.set(surge.pool, { ...crowded, surge });
  return members;
}

/** What was decided before, for nodes that are still there. */
export function asMarked(pool: ObservedPool): Members {
  const leaving = pool.leaving.filter((mark) => pool.nodes.some(({ name }) => name === mark.node));
  const staying = pool.nodes.filter(({ name }) => !leaving.some(({ node }) => node === name));
  return { leaving, staying, added: 0, surge: undefined, steps: [], stalled: [] };
}

function membersOf(observed: ObservedNodes, pool: ObservedPool, members: MembersByPool): Members {
  const marked = asMarked(pool);
  const refused = refusalOf(observed, pool, members, []);
  if (refused !== undefined) return keep(pool, marked, marked.leaving.length, refused);
  const missing = pool.replicas - marked.staying.length;
  return missing < 0 ? withLeaving(observed, pool, members, -missing) : withAdded(observed, pool, marked, missing);
}

/** Who has most copies left stays, if its volume is there and in a zone where nodes belong. */
function withAdded(observed: ObservedNodes, pool: ObservedPool, marked: Members, missing: number): Members {
  const zones = allowedZones(observed, pool);
  const left = ({ node }: LeavingNode) => observed.copiesOn.get(node) ?? 0;
  const mayStay = ({ node }: LeavingNode) =>
    pool.nodes.some(
      (each) =>
        each.name === node &&
        each.volume?.isDeleting === false &&
        misplacedBecause(observed, each) === undefined &&
        zones.includes(each.zone),
    );
  const kept = marked.leaving
    .filter(mayStay)
    .toSorted((a, b) => left(b) - left(a))
    .slice(0, missing);
  const because = `pool ${pool.name} wants ${pool.replicas} nodes again`;
  return { ...without(pool, marked, kept, because), added: missing - kept.length };
}

function keep(pool: ObservedPool, marked: Members, count: number, message: string): Members {
  const kept = marked.leaving.slice(0, count);
  return { ...without(pool, marked, kept, message), stalled: [finding(pool, message)] };
}

function without(pool: ObservedPool, marked: Members, kept: readonly LeavingNode[], because: string): Members {
  const isKept = (name: string) => kept.some(({ node }) => node === name);
  return {
    ...marked,
    leaving: marked.leaving.filter(({ node }) => !isKept(node)),
    staying: pool.nodes.filter(({ name }) => isKept(name) || marked.staying.some((node) => node.name === name)),
    steps: kept.map(({ node }): NodeStep => ({ kind: 'keep-node', object: node, because })),
  };
}

function withLeaving(observed: ObservedNodes, pool: ObservedPool, members: MembersByPool, surplus: number): Members {
  const marked = asMarked(pool);
  const { copiesOn } = observed;
  const inCluster = countedByZone([...members.values()].flatMap(({ staying }) => staying));
  const misplaced = (node: ObservedNode) => misplacedBecause(observed, node);
  const chosen = chooseLeaving({ staying: marked.staying, inCluster, copiesOn, misplaced }, surplus);
  const refused = refusalOf(observed, pool, members, chosen);
  if (refused !== undefined) return { ...marked, stalled: [finding(pool, refused)] };
  const rest = [...members].flatMap(([each, { staying }]) => (each.role === pool.role ? staying : []));
  const absent = rest.find((node) => !isUp(node) && !chosen.includes(node)) ?? chosen.find((node) => !isUp(node) && chosen.length > 1);
  const coming = observed.pools.find((each) => each.role === pool.role && each.replicas > each.nodes.length);
  const because = (node: ObservedNode) => leavingBecause(observed, pool, node, marked.staying.length);
  if (chosen.some(isUp) && (absent !== undefined || coming !== undefined)) {
    const first = absent === undefined ? `pool ${coming?.name} must have its nodes` : `${absent.name} must be Ready`;
    return {
      ...marked,
      steps: chosen.map((node) => ({ kind: 'wait', object: node.name, because: `${because(node)}, but first ${first}` })),
    };
  }
  return {
    ...marked,
    leaving: [
      ...marked.leaving,
      ...chosen.map((node) => ({ node: node.name, because: because(node), copies: copiesOn.get(node.name) ?? 0 })),
    ],
    staying: marked.staying.filter((node) => !chosen.includes(node)),
    steps: chosen.map((node) => ({ kind: 'leave-node', object: node.name, because: because(node) })),
  };
}

function leavingBecause(observed: ObservedNodes, pool: ObservedPool, node: ObservedNode, have: number): string {
  if (pool.isRemoved) return `spec.pools does not list ${pool.name}`;
  const misplaced = misplacedBecause(observed, node);
  if (misplaced !== undefined) return misplaced;
  return `pool ${pool.name} wants ${pool.replicas === 1 ? '1 node' : `${pool.replicas} nodes`} and has ${have}`;
}

/** Of those that leave already, and of `more`. Space is not asked again once copies move: both sides shrink alike. */
function refusalOf(observed: ObservedNodes, pool: ObservedPool, members: MembersByPool, more: readonly ObservedNode[]): string | undefined {
  const before = asMarked(pool);
  const leaving = [...pool.nodes.filter(({ name }) => before.leaving.some(({ node }) => node === name)), ...more];
  const staying = new Map([...members].map(([each, { staying: nodes }]) => [each, each === pool ? before.staying : nodes]));
  staying.set(
    pool,
    before.staying.filter((node) => !more.includes(node)),
  );
  return leaveRefused({ observed, staying, pool, leaving, asksForSpace: more.length > 0 });
}

function finding(pool: ObservedPool, message: string): Finding {
  return { reason: pool.isRemoved ? 'PoolRemovalRefused' : 'ScaleInRefused', message: `${message}; nothing is changed until then` };
}

function countedByZone(nodes: readonly ObservedNode[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(nodes, ({ zone }) => zone)].map(([zone, all]) => [zone, all.length]));
}
