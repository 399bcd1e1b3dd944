/** One screen: the cluster's process, its VectorClusters and their nodes. */
import { readFile } from 'node:fs/promises';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';
import { colorsFor } from './colors.ts';
import type { StateFolder } from '../state-folder.ts';
import { whyNotReady } from '../kubelet/why-not-ready.ts';

const notRunningExitCode = 3;

export async function status(state: StateFolder): Promise<void> {
  const running = await state.running();
  if (running === undefined) {
    process.stdout.write(`No cluster is running in ${state.path}. Start it with "vectorcluster up".\n`);
    process.exitCode = notRunningExitCode;
    return;
  }
  const kubeconfig = await readFile(state.in('kubeconfig'), 'utf8').catch(() => undefined);
  if (kubeconfig === undefined) {
    const why = running.ready ? 'its kubeconfig is gone: "vectorcluster down", then "vectorcluster up" writes it' : 'it is coming up';
    process.stdout.write(`local cluster in ${state.path}, process ${running.pid}: ${why}\n`);
    return;
  }
  const client = KubeClient.fromKubeconfig(kubeconfig);
  const [clusters, collections, allPods] = await Promise.all([
    client.list(vectorClusters),
    client.list(vectorCollections),
    client.list(pods),
  ]);
  const lines = [`local cluster in ${state.path}, process ${running.pid}, kubeconfig ${state.in('kubeconfig')}`, ''];
  if (clusters.items.length === 0) lines.push('No VectorCluster yet: kubectl apply -f crds/samples/quickstart.yaml');
  for (const { metadata, status: told } of clusters.items) {
    const ready = told?.conditions?.find((condition) => condition.type === 'Ready');
    lines.push(`${mark(ready?.status === 'True')} VectorCluster ${metadata.name}: ${ready?.message ?? 'not looked at yet'}`);
    lines.push(`    endpoint ${told?.endpoint ?? '-'}, nodes ${told?.nodesReady ?? '-'}`);
    for (const { spec, status: each } of collections.items.filter((item) => item.spec.clusterName === metadata.name)) {
      lines.push(`    collection ${spec.collection}: shards ${each?.shardsReady ?? '-'}`);
    }
  }
  lines.push('', ...allPods.items.flatMap(podLines));
  process.stdout.write(`${lines.join('\n')}\n`);
}

function podLines(pod: Pod): readonly string[] {
  const why = whyNotReady(pod);
  const where = `on ${pod.spec?.nodeName ?? '-'} at ${pod.status?.podIP ?? '-'}`;
  const line = `${mark(why === undefined)} ${pod.metadata.namespace}/${pod.metadata.name} ${where}`;
  return why === undefined ? [line] : [line, `    ${why}`];
}

function mark(ready: boolean): string {
  const colors = colorsFor(process.stdout);
  return ready ? colors.green('✓') : colors.yellow('…');
}
