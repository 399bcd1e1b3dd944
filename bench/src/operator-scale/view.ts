/** What a bystander sees of the clusters, by watch. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { vectorClusters, vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';

export interface View extends AsyncDisposable {
  readonly clusters: Informer<VectorCluster>;
  readonly collections: Informer<VectorCollection>;
}

export async function openView(client: KubeClient, signal: AbortSignal): Promise<View> {
  const clusters = new Informer(client, vectorClusters);
  const collections = new Informer(client, vectorCollections);
  const all = [clusters, collections];
  for (const informer of all) informer.start(signal);
  await Promise.all(all.map((informer) => informer.synced()));
  return {
    clusters,
    collections,
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((informer) => informer[Symbol.asyncDispose]()))),
  };
}
