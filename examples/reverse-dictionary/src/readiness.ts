/** Waits until the VectorCluster is Ready; says early and in words when it will not be. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import { whyNotReady } from '@vectorcluster/local-cluster/kubelet/why-not-ready.ts';
import { clusterName, namespace } from './cluster.ts';

const readyWithinMs = 90_000;
/** A Pod that cannot start or ends again and again gets this long to recover. */
const stuckForMs = 10_000;
const lastLogLines = 2;
const logLineMax = 300;

export async function untilReady(kube: KubeClient, stateFolder: string): Promise<string> {
  const startedMs = performance.now();
  let stuckSinceMs: number | undefined;
  for (;;) {
    const conditions = (await kube.get(vectorClusters, clusterName, namespace))?.status?.conditions ?? [];
    const ready = conditions.find((condition) => condition.type === 'Ready');
    if (ready?.status === 'True') return `VectorCluster ${clusterName} is Ready: ${ready.message}`;

    const stuck = (await kube.list(pods, { namespace })).items.filter(isStuck);
    stuckSinceMs = stuck.length === 0 ? undefined : (stuckSinceMs ?? performance.now());
    if (stuckSinceMs !== undefined && performance.now() - stuckSinceMs > stuckForMs) {
      const told = await Promise.all(stuck.map((pod) => tellStuck(pod, stateFolder)));
      throw new Error(`the storage nodes do not start:\n${told.join('\n')}`);
    }
    if (performance.now() - startedMs > readyWithinMs) {
      const told = conditions.map((condition) => `${condition.type}=${condition.status}: ${condition.message}`).join('; ');
      throw new Error(
        `VectorCluster ${clusterName} is not Ready after ${readyWithinMs / 1000} s: ${told || 'the operator has said nothing'}`,
      );
    }
    await sleep(100);
  }
}

function isStuck(pod: Pod): boolean {
  const reasons = ['CrashLoopBackOff', 'RunContainerError', 'ErrImagePull', 'ImagePullBackOff', 'CreateContainerConfigError'];
  return pod.status?.containerStatuses?.some(({ state }) => reasons.includes(state?.waiting?.reason ?? '')) === true;
}

async function tellStuck(pod: Pod, stateFolder: string): Promise<string> {
  const { namespace: folder, name } = pod.metadata;
  const logFile = `${stateFolder}/logs/${folder}/${name}/${pod.spec?.containers[0]?.name}.log`;
  const log = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  const errors = log.filter((each) => /error|fatal/i.test(each));
  const telling = (errors.length > 0 ? errors : log).slice(-lastLogLines);
  return [`  ${name}: ${whyNotReady(pod)}`, `  from ${logFile}:`, ...telling.map((each) => `    ${each.slice(0, logLineMax)}`)].join('\n');
}
