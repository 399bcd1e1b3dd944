/** A control plane with our kinds, three zones, a played kubelet, and an operator that can be started and stopped. */
import { customResourceDefinitions } from '@vectorcluster/crds/definitions.ts';
import { connectionFromKubeconfig } from '@vectorcluster/kube/connection.ts';
import { AlreadyExistsError } from '@vectorcluster/kube/errors.ts';
import { nodes } from '@vectorcluster/kube/types/core.ts';
import type { ControlPlane } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { operatorKubeconfig } from '@vectorcluster/local-cluster/testing/operator-account.ts';
import { tmpdir } from 'node:os';
import { createLogger } from '../../src/logger.ts';
import { createMetrics } from '../../src/metrics.ts';
import { runOperator } from '../../src/operator.ts';
import { CountingClient } from './counting-client.ts';
import { playKubelet, type PlayedKubelet } from './kubelet.ts';

export interface RunningOperator extends AsyncDisposable {
  /** Its own, so that only its writes are counted. */
  readonly client: CountingClient;
  /** Runs that have ended, by controller. */
  reconciles(controller: string): Promise<number>;
}

export interface World extends AsyncDisposable {
  /** Of the test, as a person with kubectl. */
  readonly client: CountingClient;
  readonly kubelet: PlayedKubelet;
  /** With the rights of an installed operator, and no other. */
  startOperator(): Promise<RunningOperator>;
}

export async function startWorld(plane: ControlPlane): Promise<World> {
  await using opening = new AsyncDisposableStack();
  const running = opening.use(await plane.start({ crds: customResourceDefinitions() }));
  const connect = (kubeconfig = running.kubeconfig) => new CountingClient(connectionFromKubeconfig(kubeconfig, tmpdir()));
  const client = opening.use(connect());
  for (const zone of ['a', 'b', 'c']) await addKubernetesNode(client, `kube-${zone}`, zone);
  const kubelet = opening.use(await playKubelet(opening.use(connect())));
  const ofOperator = await operatorKubeconfig(running.kubeconfig);
  const owned = opening.move();
  return {
    client,
    kubelet,
    startOperator: () => startOperator(connect(ofOperator)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function addKubernetesNode(client: CountingClient, name: string, zone: string): Promise<void> {
  try {
    await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }];
  await client.patch(nodes, name, undefined, { status: { conditions } }, { subresource: 'status' });
  // Controllers taint nodes that they have not heard of yet; nobody here takes that back.
  await client.patch(nodes, name, undefined, { spec: { taints: null } });
}

async function startOperator(client: CountingClient): Promise<RunningOperator> {
  const stopping = new AbortController();
  const started = Promise.withResolvers<void>();
  const metrics = createMetrics();
  const running = runOperator(
    {
      client,
      watchNamespace: 'default',
      identity: 'test',
      storageNodeImage: 'vectorcluster/storage-node:0.1.0',
      allowsUnsafePodTemplates: false,
      log: createLogger(process.env['OPERATOR_LOG'] ?? 'silent'),
      metrics,
      now: () => new Date(),
      onStarted: started.resolve,
    },
    stopping.signal,
  );
  await Promise.race([started.promise, running]);
  return {
    client,
    async reconciles(controller) {
      const metric = await metrics.registry.getSingleMetric('vectorcluster_queue_run_seconds')?.get();
      const counts = metric?.values.filter(
        ({ labels, ...value }) => 'metricName' in value && String(value.metricName).endsWith('_count') && labels['queue'] === controller,
      );
      return counts?.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      client[Symbol.dispose]();
    },
  };
}
