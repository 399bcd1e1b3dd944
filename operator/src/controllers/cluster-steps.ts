import { labels } from '@vectorcluster/crds/labels.ts';
import { persistentVolumeClaims, pods, serviceAccounts, services } from '@vectorcluster/kube/types/core.ts';
import { roleBindings, roles } from '@vectorcluster/kube/types/rbac.ts';
import { vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Writer } from '../apply/writer.ts';
import { wantedClusterObjects, type ClusterObjects } from '../observe/cluster.ts';
import type { ClusterStep } from '../plan/step.ts';
import type { BuiltObject } from '../resources/built-object.ts';
import type { OperatorContext } from './controller.ts';
import { StepObjectMissingError } from './node-steps.ts';

export interface ClusterStepsContext {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly key: string;
  readonly objects: ClusterObjects;
}

/** Owner of `spec.replicas` of a pool from the moment its cluster stops giving it until somebody scales it. */
const handOverManager = 'vectorcluster-operator-handover';

export async function runClusterStep(run: ClusterStepsContext, step: ClusterStep): Promise<void> {
  switch (step.kind) {
    case 'apply-object': {
      const wanted = wantedClusterObjects(run.objects.cluster).find(
        ({ kind, metadata }) => kind === step.objectKind && metadata.name === step.object,
      );
      if (wanted === undefined) throw new StepObjectMissingError(step.objectKind, step.object);
      return applyByKind(run, wanted);
    }
    case 'keep-replicas': {
      const { client } = run.context;
      const metadata = { name: step.object, namespace: run.objects.cluster.metadata.namespace };
      await client.apply(vectorPools, { metadata, spec: { replicas: step.replicas } }, { fieldManager: handOverManager, force: true });
      return;
    }
    case 'delete-pool':
      return deletePool(run, step);
  }
}

async function applyByKind({ context, writer, key }: ClusterStepsContext, wanted: BuiltObject): Promise<void> {
  const { caches } = context;
  switch (wanted.kind) {
    case 'Service':
      return writer.apply(key, { type: services, view: caches.services }, wanted);
    case 'ServiceAccount':
      return writer.apply(key, { type: serviceAccounts, view: caches.serviceAccounts }, wanted);
    case 'Role':
      return writer.apply(key, { type: roles, view: caches.roles }, wanted);
    case 'RoleBinding':
      return writer.apply(key, { type: roleBindings, view: caches.roleBindings }, wanted);
    case 'VectorPool':
      return writer.apply(key, { type: vectorPools, view: caches.pools }, wanted);
    default:
      throw new TypeError(`a VectorCluster has no ${wanted.kind}`);
  }
}

/** The pool's emptiness is read anew: a cache may not know yet of a node made a moment ago. */
async function deletePool({ context, writer, key, objects }: ClusterStepsContext, step: Extract<ClusterStep, { kind: 'delete-pool' }>) {
  const { client, caches } = context;
  const pool = objects.pools.find(({ metadata }) => metadata.name === step.object);
  if (pool === undefined) throw new StepObjectMissingError('VectorPool', step.object);
  const { namespace } = pool.metadata;
  const labelSelector = `${labels.cluster}=${pool.spec.clusterName},${labels.pool}=${pool.spec.poolName}`;
  const selection = { ...(namespace !== undefined && { namespace }), labelSelector };
  const [freshPods, freshVolumes] = await Promise.all([client.list(pods, selection), client.list(persistentVolumeClaims, selection)]);
  if (freshPods.items.length + freshVolumes.items.length > 0) throw new StepObjectMissingError('emptiness of VectorPool', step.object);
  await writer.delete(key, { type: vectorPools, view: caches.pools }, pool, step.precondition);
}
