/** Everything of a cluster that is not its API server: scheduler, kubelets, volumes, Services and what counts for disruption budgets, on objects of any API server. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { nodes, persistentVolumeClaims, pods, services, type Pod } from '@vectorcluster/kube/types/core.ts';
import { podDisruptionBudgets } from '@vectorcluster/kube/types/policy.ts';
import type { Logger } from 'pino';
import { DisruptionCounter } from './disruption/disruption-counter.ts';
import type { ImageTable } from './images.ts';
import { Kubelet, type KubeconfigFor } from './kubelet/kubelet.ts';
import type { LoopbackNetwork } from './loopback-network.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { ServiceProxy } from './service-proxy/service-proxy.ts';
import { VolumeBinder } from './volumes/volume-binder.ts';

export interface MachineOptions {
  readonly client: KubeClient;
  /** Nodes to play. */
  readonly nodes: readonly string[];
  readonly network: LoopbackNetwork;
  readonly images: ImageTable;
  readonly stateFolder: string;
  /** What every container's environment begins with. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly maxRestartBackoffMs: number;
  /** Wait before a container that could not be started is tried again. */
  readonly startRetryMs: number;
  readonly logger: Logger;
  readonly kubeconfigFor: KubeconfigFor;
}

/** Disposing of it ends every Pod's processes and leaves the objects. */
export interface Machine extends AsyncDisposable {
  readonly pods: Informer<Pod>;
}

/** Pods get this long to end when the machine is stopped. */
const stopGraceSeconds = 20;

export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { client, logger } = options;
  await using cleanup = new AsyncDisposableStack();
  const running = new AbortController();
  cleanup.defer(() => running.abort());
  const watch = {
    pods: new Informer(client, pods),
    claims: new Informer(client, persistentVolumeClaims),
    nodes: new Informer(client, nodes),
    services: new Informer(client, services),
    budgets: new Informer(client, podDisruptionBudgets),
  };
  for (const informer of Object.values(watch)) {
    informer.start(running.signal);
    cleanup.use(informer);
  }
  const events = (component: string): EventRecorder => new EventRecorder({ client, component });
  const part = (name: string): Logger => logger.child({ part: name });
  cleanup.use(new ServiceProxy({ services: watch.services, pods: watch.pods, logger: part('service-proxy') }));
  const kubelet = new Kubelet({ ...options, pods: watch.pods, claims: watch.claims, events: events('kubelet'), logger: part('kubelet') });
  cleanup.defer(() => kubelet.stopAll(stopGraceSeconds));
  const scheduler = new Scheduler({
    client,
    pods: watch.pods,
    nodes: watch.nodes,
    events: events('scheduler'),
    bind: async ({ metadata }, node) => {
      await client.patch(pods, metadata.name, metadata.namespace, { spec: { nodeName: node } });
    },
  });
  const volumes = new VolumeBinder({ client, claims: watch.claims, stateFolder: options.stateFolder, logger: part('volumes') });
  const disruptions = new DisruptionCounter({ client, pods: watch.pods, budgets: watch.budgets });
  for (const loop of [kubelet, scheduler, volumes, disruptions]) {
    loop.run(running.signal).catch((error: unknown) => logger.fatal({ err: error }, 'a part of the local cluster ended'));
  }
  const owned = cleanup.move();
  return { pods: watch.pods, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
