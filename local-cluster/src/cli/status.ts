/** One screen: the cluster's process, its VectorClusters and their nodes. */
import { readFile } from 'node:fs/promises';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';
import pc from 'picocolors';
import type { StateFolder } from '../state-folder.ts';

export async function status(state: StateFolder): Promise<void> {
  const pid = await state.runningPid();
  if (pid === undefined) {
    process.stdout.write(`No cluster is running in ${state.path}. Start it with "vectorcluster up".\n`);
    process.exitCode = 3;
    return;
  }
  const client = KubeClient.fromKubeconfig(await readFile(state.in('kubeconfig'), 'utf8'));
  const [clusters, collections, allPods] = await Promise.all([
    client.list(vectorClusters),
    client.list(vectorCollections),
    client.list(pods),
  ]);
  const lines = [`local cluster in ${state.path}, process ${pid}, kubeconfig ${state.in('kubeconfig')}`, ''];
  if (clusters.items.length === 0) lines.push('No VectorCluster yet: kubectl apply -f crds/samples/quickstart.yaml');
  for (const { metadata, status: told } of clusters.items) {
    const ready = told?.conditions?.find((condition) => condition.type === 'Ready');
    lines.push(`${mark(ready?.status === 'True')} VectorCluster ${metadata.name}: ${ready?.message ?? 'not looked at yet'}`);
    lines.push(`    endpoint ${told?.endpoint ?? '-'}, nodes ${told?.nodesReady ?? '-'}`);
    for (const { spec, status: each } of collections.items.filter((item) => item.spec.clusterName === metadata.name)) {
      lines.push(`    collection ${spec.collection}: shards ${each?.shardsReady ?? '-'}`);
    }
  }
  lines.push('');
  for (const pod of allPods.items) {
    const ready = pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
    lines.push(
      `${mark(ready)} ${pod.metadata.namespace}/${pod.metadata.name} on ${pod.spec?.nodeName ?? '-'} at ${pod.status?.podIP ?? '-'}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function mark(ready: boolean): string {
  return ready ? pc.green('✓') : pc.yellow('…');
}
