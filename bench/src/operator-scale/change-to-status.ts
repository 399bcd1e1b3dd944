/**
 * How long it takes the operator to answer a change, beside what the API server takes for any write to be seen by a watch.
 *
 * One change: a VectorCluster's spec is patched, and its status is to say `observedGeneration`. A bystander's watch tells when the change
 * was there for all to see, and when the answer was. Between the two lie the operator's work and one write that a watch has to bring, and
 * the latter is measured by itself in turn: a plain patch of another VectorCluster until the watch brings it.
 */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import { clusterNames, type ClusterName, type Scale } from './scale.ts';
import type { View } from './view.ts';

const answeredWithinMs = 30_000;

export interface ChangeTimes {
  /** From the moment the change was seen to the moment its answer was. */
  readonly answersMs: readonly number[];
  /** From a plain patch to the moment it was seen. */
  readonly plainMs: readonly number[];
}

export interface ChangeToStatusOptions {
  readonly client: KubeClient;
  readonly view: View;
  readonly scale: Scale;
  readonly changes: number;
  readonly signal: AbortSignal;
}

export async function changeToStatus({ client, view, scale, changes, signal }: ChangeToStatusOptions): Promise<ChangeTimes> {
  const names = clusterNames(scale);
  const answersMs: number[] = [];
  const plainMs: number[] = [];
  for (let index = 0; index < changes; index++) {
    signal.throwIfAborted();
    // A stride that shares no factor with their number, so that neighbours in time are no neighbours in any list.
    const at = (offset: number) => names[(index * 7 + offset) % names.length] ?? { namespace: '', name: '' };
    plainMs.push(await plainPatch(client, view, at(3), index));
    answersMs.push(await change(client, view, at(0)));
  }
  return { answersMs, plainMs };
}

async function change(client: KubeClient, view: View, { namespace, name }: ClusterName): Promise<number> {
  const before = view.clusters.get(namespace, name);
  const gracePeriodSeconds = (before?.spec.repair.gracePeriodSeconds ?? 60) + 1;
  const generation = (before?.metadata.generation ?? 0) + 1;
  const seen = seenAt(view, { namespace, name }, (cluster) => (cluster.metadata.generation ?? 0) >= generation);
  const answered = seenAt(view, { namespace, name }, ({ status }) => (status?.observedGeneration ?? 0) >= generation);
  await client.patch(vectorClusters, name, namespace, { spec: { repair: { gracePeriodSeconds } } });
  return (await answered) - (await seen);
}

async function plainPatch(client: KubeClient, view: View, { namespace, name }: ClusterName, index: number): Promise<number> {
  const annotations = { 'bench.vectorcluster.io/patch': String(index) };
  const seen = seenAt(
    view,
    { namespace, name },
    ({ metadata }) => metadata.annotations?.['bench.vectorcluster.io/patch'] === String(index),
  );
  const start = performance.now();
  await client.patch(vectorClusters, name, namespace, { metadata: { annotations } });
  return (await seen) - start;
}

/** The time at which the watch brings the object like that. */
function seenAt({ clusters }: View, { namespace, name }: ClusterName, isIt: (cluster: VectorCluster) => boolean): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const stop = clusters.onChange(({ object }) => {
    if (object.metadata.name === name && object.metadata.namespace === namespace && isIt(object)) resolve(performance.now());
  });
  const late = setTimeout(() => reject(new Error(`nothing said of ${name} within ${answeredWithinMs / 1000} s`)), answeredWithinMs);
  return promise.finally(() => {
    stop();
    clearTimeout(late);
  });
}
