/** Signals to the processes of a local cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startedAt } from '@vectorcluster/local-cluster/kubelet/process-record.ts';
import { namespace, type LocalClusterUnderTest } from '../../local-cluster-under-test.ts';

const operator = 'vectorcluster-system/vectorcluster-operator';
const goneWithinMs = 5_000;

/** False when there is no such process now, because it starts just then. */
export async function signalNode(cluster: LocalClusterUnderTest, node: string, signal: NodeJS.Signals): Promise<boolean> {
  return signalPod(cluster, `${namespace}/${node}`, signal);
}

export async function signalOperator(cluster: LocalClusterUnderTest, signal: NodeJS.Signals): Promise<boolean> {
  return signalPod(cluster, operator, signal);
}

async function signalPod(cluster: LocalClusterUnderTest, pod: string, signal: NodeJS.Signals): Promise<boolean> {
  const pid = (await cluster.processes()).get(pod);
  return pid !== undefined && send(pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // ended meanwhile
  }
}

/** Stops a node's process and the kubelets that would start it again, does something to its volume, and lets them go on. */
export async function whileKubeletsWait(cluster: LocalClusterUnderTest, node: string, act: () => Promise<void>): Promise<void> {
  const daemon = await cluster.daemon();
  const pid = (await cluster.storageNodes()).get(node);
  send(daemon, 'SIGSTOP');
  try {
    if (pid !== undefined) {
      send(pid, 'SIGKILL');
      const giveUpMs = performance.now() + goneWithinMs;
      // Its parent is stopped, so it stays as a zombie, which has ended all the same.
      while ((await startedAt(pid)) !== undefined && performance.now() < giveUpMs) await sleep(5);
    }
    await act();
  } finally {
    send(daemon, 'SIGCONT');
  }
}
