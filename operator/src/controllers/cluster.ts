/** VectorClusters → VectorPools, Services, the nodes' account and its rights; and the status that people read first. */
import type { VectorCluster, VectorClusterStatus } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result, WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { runSteps } from '../apply/run-steps.ts';
import { saysTheSame } from '../apply/same-status.ts';
import type { Writer } from '../apply/writer.ts';
import { observeCluster, ownPools, type ClusterObjects } from '../observe/cluster.ts';
import { withTimes } from '../plan/conditions.ts';
import { planCluster, type ClusterPlan } from '../plan/plan-cluster.ts';
import { withFailures, type StepFailure } from '../plan/step-failure.ts';
import { withPoolRefusals } from '../plan/refused-of-pools.ts';
import type { ClusterStep } from '../plan/step.ts';
import { endpointOf } from '../resources/object-names.ts';
import { ofCluster } from './caches.ts';
import { runClusterStep } from './cluster-steps.ts';
import { clusterKeys, watchNodesOfClusters, watchObjectsOfClusters } from './cluster-watches.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import { clusterKeyBySpec, type ReconcileKey } from './keys.ts';
import { nodeObjects } from './pool.ts';
import { reportStall, reportSteps } from './report.ts';

/** The number of collections is for people: clients that make many at once do not wait for it. */
const countDelayMs = 500;

/** Bound of status.plan in the schema. */
const stepsShown = 64;

export const clusterController: ControllerOptions = {
  name: 'cluster',
  concurrency: 16,
  create: (context, writer) => ({
    watch: (queue) => watch(context, queue),
    initialKeys: () => clusterKeys(context.caches),
    reconcile: (key) => reconcile(context, writer, key),
  }),
};

function watch({ caches, sights }: OperatorContext, queue: WorkQueue): readonly (() => void)[] {
  return [
    ...watchNodesOfClusters({ caches, sights }, queue),
    ...watchObjectsOfClusters(caches, queue),
    caches.collections.onChange(({ kind, object }) => {
      if (kind !== 'updated') queue.addAfter(clusterKeyBySpec(object), countDelayMs);
    }),
  ];
}

async function reconcile(context: OperatorContext, writer: Writer, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const cluster = context.caches.clusters.get(namespace, name);
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) return;
  const objects = clusterObjects(context, cluster);
  const plan = planCluster(observeCluster(objects), context.now());
  const outcome = await runSteps(stagesOf(plan.steps), (step) => runClusterStep({ context, writer, key, objects }, step));
  reportSteps(context, 'cluster', cluster, outcome);
  const { failures } = outcome;
  await writeStatus(context, writer, {
    key,
    cluster,
    plan,
    failures,
    pools: ownPools(cluster, objects.pools),
    collections: objects.collections.length,
  });
  if (outcome.error !== undefined) throw outcome.error;
  return { requeueAfterMs: plan.recheckAfterMs };
}

/**
 * Replicas are handed over before a VectorPool is applied without them; Pods, which follow pools, need their account; and who is not an
 * administrator can bind only a Role that is there, since the API server looks what is in it.
 */
function stagesOf(steps: readonly ClusterStep[]): readonly (readonly ClusterStep[])[] {
  return [
    steps.filter((step) => step.kind === 'keep-replicas' || (step.kind === 'apply-object' && !buildsOnOthers.has(step.objectKind))),
    steps.filter((step) => step.kind === 'apply-object' && buildsOnOthers.has(step.objectKind)),
    steps.filter(({ kind }) => kind === 'delete-pool'),
  ];
}

const buildsOnOthers: ReadonlySet<string> = new Set(['VectorPool', 'RoleBinding']);

function clusterObjects(context: OperatorContext, cluster: VectorCluster): ClusterObjects {
  const { caches } = context;
  const { name, namespace = '' } = cluster.metadata;
  return {
    ...nodeObjects(context, cluster),
    others: [
      ...ofCluster(caches.services, namespace, name),
      ...ofCluster(caches.serviceAccounts, namespace, name),
      ...ofCluster(caches.roles, namespace, name),
      ...ofCluster(caches.roleBindings, namespace, name),
    ],
  };
}

interface ClusterOutcome {
  readonly key: string;
  readonly cluster: VectorCluster;
  readonly plan: ClusterPlan;
  readonly failures: readonly StepFailure[];
  readonly pools: readonly VectorPool[];
  readonly collections: number;
}

async function writeStatus(context: OperatorContext, writer: Writer, outcome: ClusterOutcome): Promise<void> {
  const { caches, metrics, now } = context;
  const { key, cluster, plan, failures, pools, collections } = outcome;
  const { name, namespace = '', generation = 0 } = cluster.metadata;
  const isActing = plan.steps.length > failures.length;
  const drafts = withPoolRefusals(withFailures(plan.conditions, failures, [...plan.steps, ...plan.nodeSteps]), pools, isActing);
  const status: VectorClusterStatus = {
    observedGeneration: generation,
    conditions: [...withTimes(drafts, cluster.status?.conditions, generation, now())],
    endpoint: endpointOf(name, namespace),
    nodes: plan.nodes,
    nodesReady: `${plan.nodes.ready}/${plan.nodes.total}`,
    zones: [...plan.zones],
    collections,
    copiesToMove: plan.copiesToMove,
    version: plan.version,
    plan: [...plan.steps, ...plan.nodeSteps]
      .slice(0, stepsShown)
      .map(({ kind, object, because }) => ({ kind, object, because: because.slice(0, 1024) })),
  };
  if (saysTheSame(cluster.status, status)) return;
  await writer.applyStatus(key, { type: vectorClusters, view: caches.clusters }, cluster, status);
  metrics.statusWritten('cluster');
  reportStall(context, cluster, status.conditions);
}
