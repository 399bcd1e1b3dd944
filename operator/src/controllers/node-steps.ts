import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import { persistentVolumeClaims, pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { podDisruptionBudgets } from '@vectorcluster/kube/types/policy.ts';
import type { Writer } from '../apply/writer.ts';
import { wantedBudget, type NodeObjects } from '../observe/nodes.ts';
import { firstReadyAnnotation, firstReadyImageAnnotation, podFacts } from '../observe/pod-facts.ts';
import { podOf, type NodePlace } from '../observe/wanted-objects.ts';
import { grownVolume, keptVolume, newVolume } from '../observe/wanted-volume.ts';
import { volumeNameOf } from '../plan/names.ts';
import type { NodeStep } from '../plan/step.ts';
import { topologyKeyAnnotation } from '../resources/persistent-volume-claim.ts';
import type { OperatorContext } from './controller.ts';
import { runHandOverStep } from './hand-over-step.ts';

export interface NodeStepsContext {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly key: string;
  /** What the plan was made from. */
  readonly objects: NodeObjects;
}

/** The step names something that is not among the objects it was planned from. */
export class StepObjectMissingError extends Error {
  override readonly name = 'StepObjectMissingError';

  constructor(kind: string, name: string) {
    super(`${kind} ${name} is gone since the step was planned`);
  }
}

export async function runNodeStep(run: NodeStepsContext, step: NodeStep): Promise<void> {
  const { context, writer, key, objects } = run;
  const { caches } = context;
  switch (step.kind) {
    case 'wait':
    case 'leave-node':
    case 'keep-node':
      return;
    case 'apply-object': {
      const pool = found(objects.pools, 'VectorPool', step.object);
      await writer.apply(key, { type: podDisruptionBudgets, view: caches.budgets }, wantedBudget(objects, pool));
      return;
    }
    case 'create-volume':
    case 'update-volume':
    case 'grow-volume': {
      const volume = volumeFor(objects, step);
      if (volume === undefined) throw new StepObjectMissingError('storage of pool', step.pool);
      await writer.apply(key, { type: persistentVolumeClaims, view: caches.volumes }, volume);
      return;
    }
    case 'create-pod':
      await writer.create(key, { type: pods, view: caches.pods }, podFor(run, step));
      return;
    case 'delete-pod':
      // A Pod that the API server would refuse must not cost the one that runs.
      await writer.assertReplaceable({ type: pods, view: caches.pods }, podFor(run, step));
      await writer.delete(key, { type: pods, view: caches.pods }, found(objects.pods, 'Pod', step.object), step.precondition);
      return;
    case 'delete-volume': {
      const volume = found(objects.volumes, 'PersistentVolumeClaim', step.object);
      await writer.delete(key, { type: persistentVolumeClaims, view: caches.volumes }, volume, step.precondition);
      return;
    }
    case 'ask-hand-over':
      return runHandOverStep({ context, writer, key, namespace: objects.cluster.metadata.namespace ?? '' }, step);
    case 'note-first-ready':
      await noteFirstReady(run, found(objects.pods, 'Pod', step.object), step.templateHash);
  }
}

function volumeFor(
  objects: NodeObjects,
  { kind, object, node, pool, zone }: Extract<NodeStep, { readonly kind: 'create-volume' | 'update-volume' | 'grow-volume' }>,
) {
  const where = [objects.cluster, poolNamed(objects, pool), placeOf(objects, node, zone)] as const;
  if (kind === 'create-volume') return newVolume(...where);
  const live = found(objects.volumes, 'PersistentVolumeClaim', object);
  return kind === 'grow-volume' ? grownVolume(...where, live) : keptVolume(...where, live);
}

function podFor(
  { context, objects }: NodeStepsContext,
  { object, pool, zone }: Extract<NodeStep, { readonly kind: 'create-pod' | 'delete-pod' }>,
): Pod {
  return podOf(objects.cluster, poolNamed(objects, pool), placeOf(objects, object, zone), context.storageNodeImage);
}

/** By UID, so that a Pod that was replaced meanwhile does not inherit the note. */
async function noteFirstReady({ context, writer, key }: NodeStepsContext, pod: Pod, templateHash: string): Promise<void> {
  const annotations = { [firstReadyAnnotation]: templateHash, [firstReadyImageAnnotation]: podFacts(pod).image };
  const metadata = { uid: pod.metadata.uid, annotations };
  await writer.patch(key, { type: pods, view: context.caches.pods }, pod, { metadata });
}

/** A node that exists stays where its volume says; a new one goes where the plan says, by the key the cluster names now. */
function placeOf({ cluster, volumes }: NodeObjects, node: string, zone: string): NodePlace {
  const volume = volumes.find(({ metadata }) => metadata.name === volumeNameOf(node));
  return { name: node, zone, topologyKey: volume?.metadata.annotations?.[topologyKeyAnnotation] ?? cluster.spec.zones.topologyKey };
}

function poolNamed({ pools }: NodeObjects, poolName: string): VectorPool {
  const pool = pools.find(({ spec }) => spec.poolName === poolName);
  if (pool === undefined) throw new StepObjectMissingError('VectorPool', poolName);
  return pool;
}

function found<T extends { readonly metadata: { readonly name: string } }>(objects: readonly T[], kind: string, name: string): T {
  const object = objects.find(({ metadata }) => metadata.name === name);
  if (object === undefined) throw new StepObjectMissingError(kind, name);
  return object;
}
