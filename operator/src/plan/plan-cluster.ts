/** A cluster into its pools and the objects it has one of; and what a person should know of it. */
import { conditionsOf, type Finding } from './conditions.ts';
import { heldObjects } from './held-pools.ts';
import { foreignObjects, objectSteps } from './object-steps.ts';
import type { ObservedCluster, ObservedPoolObject } from './observed-cluster.ts';
import type { ObservedObject } from './observed-nodes.ts';
import { isUp } from './node-state.ts';
import { planNodes, readiness, reconcilingFindings, type NodesPlan } from './plan-nodes.ts';
import { poolObjectName } from './names.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { movesAhead } from './rebalance-copies.ts';
import { isMoving } from './staying-copies.ts';
import type { ClusterStep, NodeStep, Plan } from './step.ts';

export interface ClusterPlan extends Plan<ClusterStep> {
  /** What the pools are about to do, for status.plan. */
  readonly nodeSteps: readonly NodeStep[];
  readonly nodes: { readonly total: number; readonly ready: number };
  readonly zones: readonly string[];
  /** So that nodes hold equally much, those on their way included. */
  readonly copiesToMove: number;
  /** Version that all nodes run; empty while they differ. */
  readonly version: string;
}

export function planCluster(observed: ObservedCluster, now: Date): ClusterPlan {
  const nodesPlan = planNodes(observed.nodes, now);
  const removed = removedPools(observed);
  const { free, refused } = heldObjects(observed);
  const steps = [...objectStepsOf(observed, free), ...removed];
  const nodes = totals(observed, nodesPlan);
  const ofNodes = nodesPlan.reports.flatMap((report) => report.stalled);
  const stalled = [...refused, ...foreignObjects(free), ...ofNodes.filter((finding) => !isAmong(finding, refused))];
  const all = observed.nodes.pools.flatMap((pool) => pool.nodes);
  const leaving = new Set(nodesPlan.reports.flatMap((report) => report.leaving.map(({ node }) => node)));
  const [version = ''] = observed.versions;
  return {
    steps,
    nodeSteps: nodesPlan.steps.filter(({ kind }) => kind !== 'note-first-ready'),
    nodes,
    zones: [...new Set(all.map(({ zone }) => zone))].toSorted(),
    copiesToMove: copiesToMove(observed.nodes),
    version: observed.versions.length === 1 ? version : '',
    conditions: conditionsOf({
      ready: readiness(
        nodes.ready,
        nodes.total,
        all.filter((node) => !isUp(node) && !leaving.has(node.name)).map(({ name }) => name),
      ),
      reconciling: reconcilingFindings([...steps, ...nodesPlan.steps]),
      stalled,
    }),
    recheckAfterMs: nodesPlan.recheckAfterMs,
  };
}

function copiesToMove({ pools, shards }: ObservedNodes): number {
  const nodes = pools.filter(({ role }) => role === 'Data').flatMap(nodesForCopies);
  const moving = shards.flatMap(({ assignments }) => assignments.filter((copy) => isMoving(copy, assignments)));
  return movesAhead(nodes, shards).length + moving.length;
}

function nodesForCopies({ nodes, leaving }: ObservedPool): readonly ObservedNode[] {
  return nodes.filter((node) => isUp(node) && !leaving.some((mark) => mark.node === node.name));
}

/** Before the cluster stops giving a pool's replicas, the present number is handed over: else the default would take its place. */
function objectStepsOf({ spec, name, pools }: ObservedCluster, objects: readonly ObservedObject[]): readonly ClusterStep[] {
  const handOvers = spec.pools.flatMap((wanted): ClusterStep[] => {
    const pool = pools.find(({ objectName }) => objectName === poolObjectName(name, wanted.name));
    if (wanted.replicas !== undefined || pool?.replicasAreOurs !== true) return [];
    const because = `spec.pools[${wanted.name}].replicas is left out, so the pool keeps its ${pool.replicas} for whoever scales it`;
    return [{ kind: 'keep-replicas', object: pool.objectName, replicas: pool.replicas, because }];
  });
  return [...handOvers, ...objectSteps(objects)];
}

/** Pools that are not listed any more go when their nodes have. */
function removedPools({ name, spec, pools, nodes }: ObservedCluster): readonly ClusterStep[] {
  const wanted = new Set(spec.pools.map((pool) => poolObjectName(name, pool.name)));
  const isEmpty = ({ objectName }: ObservedPoolObject) =>
    nodes.pools.every((pool) => pool.objectName !== objectName || pool.nodes.length === 0);
  return pools
    .filter((pool) => !wanted.has(pool.objectName) && isEmpty(pool))
    .map(({ objectName, poolName, precondition }) => ({
      kind: 'delete-pool',
      object: objectName,
      precondition,
      because: `spec.pools does not list ${poolName}, and it has no nodes`,
    }));
}

function isAmong({ message }: Finding, findings: readonly Finding[]): boolean {
  return findings.some((other) => other.message === message);
}

/** A pool that is asked for and has no object yet counts with what it asks for. */
function totals({ name, spec, pools }: ObservedCluster, { reports }: NodesPlan): ClusterPlan['nodes'] {
  const unmade = spec.pools.filter((pool) => !pools.some(({ objectName }) => objectName === poolObjectName(name, pool.name)));
  return {
    total:
      sum(reports.map(({ wanted }) => wanted)) + sum(unmade.filter(({ role }) => role !== 'Index').map(({ replicas }) => replicas ?? 1)),
    ready: sum(reports.map(({ ready }) => ready)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
