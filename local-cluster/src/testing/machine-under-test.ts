/** An embedded API server with nodes local-a and local-b and everything that plays them, for test Pods of image test/container:1. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { nodes, pods, type Pod, type PodSpec } from '@vectorcluster/kube/types/core.ts';
import { pino } from 'pino';
import { startApiServer } from '../api-server/api-server.ts';
import { localNodes, nodeObject, nodeStatus } from '../bootstrap/objects.ts';
import { apiServerAddress, atFreePlace, freeServiceAddress } from '../loopback-network.ts';
import { startMachine, type Machine } from '../machine.ts';

export interface MachineUnderTest extends AsyncDisposable {
  readonly client: KubeClient;
  readonly stateFolder: string;
  addNode(name: string, zone: string): Promise<void>;
  createPod(name: string, spec?: Partial<PodSpec>, labels?: Record<string, string>): Promise<Pod>;
  /** The Pod as soon as `is` holds; undefined stands for a Pod that is gone. */
  until(name: string, is: (pod: Pod | undefined) => boolean): Promise<Pod | undefined>;
  /** Ends all Pods and plays the nodes anew, as a restart of the cluster does. */
  restart(): Promise<void>;
}

const namespace = 'default';
const patienceMs = 30_000;

export async function startMachineUnderTest(): Promise<MachineUnderTest> {
  await using opening = new AsyncDisposableStack();
  const stateFolder = await mkdtemp(join(tmpdir(), 'machine-'));
  opening.defer(() => rm(stateFolder, { recursive: true, force: true }));
  const { api, network } = await atFreePlace(undefined, async (place) => {
    const server = await startApiServer({
      stateDirectory: join(stateFolder, 'api'),
      host: apiServerAddress(place),
      port: place.port,
      allocateServiceIp: (_service, used) => freeServiceAddress(place, used),
    });
    return { api: server, network: place };
  });
  opening.use(api);
  const client = KubeClient.fromKubeconfig(api.adminKubeconfig());
  const addNode = async (name: string, zone: string): Promise<void> => {
    await client.create(nodes, nodeObject({ name, zone }));
    const status = nodeStatus(2, 2 ** 30, apiServerAddress(network), '2026-01-01T00:00:00Z');
    await client.patch(nodes, name, undefined, { status }, { subresource: 'status' });
  };
  const machines = localNodes(3, ['a', 'b', 'c']).map(({ name }) => name);
  await addNode('local-a', 'a');
  await addNode('local-b', 'b');
  const start = (): Promise<Machine> =>
    startMachine({
      client,
      nodes: machines,
      network,
      images: { version: '1', modules: new Map([['test/container', new URL('test-container.ts', import.meta.url)]]) },
      stateFolder,
      baseEnv: { PATH: process.env['PATH'] ?? '' },
      maxRestartBackoffMs: 1_000,
      startRetryMs: 200,
      logger: pino({ level: 'silent' }),
      kubeconfigFor: (account, pod) => api.kubeconfigFor(account, pod),
    });
  let machine = await start();
  opening.defer(() => machine[Symbol.asyncDispose]());
  const running = opening.move();
  return {
    client,
    stateFolder,
    addNode,
    createPod: (name, spec = {}, labels = {}) => client.create(pods, podOf(name, spec, labels)),
    until: async (name, is) => {
      const patience = AbortSignal.timeout(patienceMs);
      await machine.pods
        .waitFor((informer) => is(informer.get(namespace, name)), patience)
        .catch((error: unknown) => {
          const status = JSON.stringify(machine.pods.get(namespace, name)?.status, undefined, 1);
          throw new Error(`Pod ${name} did not become so: ${status}`, { cause: error });
        });
      return machine.pods.get(namespace, name);
    },
    restart: async () => {
      await machine[Symbol.asyncDispose]();
      machine = await start();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function podOf(name: string, spec: Partial<PodSpec>, labels: Record<string, string>): Pod {
  const { containers = [{ name: 'main' }] } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 5,
      ...spec,
      containers: containers.map((container) => ({
        image: 'test/container:1',
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1, failureThreshold: 1 },
        ...container,
      })),
    },
  };
}
