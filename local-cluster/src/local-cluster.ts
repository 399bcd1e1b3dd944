/**
 * A whole cluster in one process: API server, scheduler, kubelets, volumes and Services; the operator and the storage nodes are
 * processes of their own, started as Pods.
 */
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import type { Logger } from 'pino';
import { startApiServer } from './api-server/api-server.ts';
import { installBootstrapObjects } from './bootstrap/install.ts';
import { localNodes, operatorName, operatorNamespace } from './bootstrap/objects.ts';
import { customResourceDefinitions } from './bootstrap/definitions.ts';
import { builtInImages } from './images.ts';
import { endLeftovers } from './kubelet/process-record.ts';
import { whyNotReady } from './kubelet/why-not-ready.ts';
import { apiServerAddress, atFreePlace, freeServiceAddress } from './loopback-network.ts';
import { startMachine } from './machine.ts';
import { StateFolderError, type ClusterSettings, type StateFolder } from './state-folder.ts';

export interface LocalClusterOptions {
  readonly state: StateFolder;
  /** Shape of a new cluster; for one that is there, undefined or what it has. */
  readonly nodes?: number | undefined;
  readonly zones?: readonly string[] | undefined;
  readonly version: string;
  /** Longest wait before an ended container runs again, as the kubelet's maxContainerRestartPeriod. */
  readonly maxRestartBackoffSeconds: number;
  readonly logger: Logger;
  /** Told in words as parts come up. */
  onProgress(step: string): void;
}

export interface LocalCluster extends AsyncDisposable {
  readonly kubeconfigFile: string;
  readonly operatorLogFile: string;
  readonly url: string;
  /** Resolves when the operator is ready. */
  operatorReady(signal: AbortSignal): Promise<void>;
  /** In words, for a person who waits. */
  whyOperatorIsNotReady(): string;
}

const startRetryMs = 15_000;

export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { state, logger } = options;
  await using cleanup = new AsyncDisposableStack();
  await state.create();
  await state.claim();
  cleanup.defer(() => state.release());
  const before = await state.settings();
  const leftovers = await endLeftovers(state.in('processes'));
  if (leftovers.length > 0)
    options.onProgress(`ended ${leftovers.length} ${leftovers.length === 1 ? 'process' : 'processes'} that an earlier run left behind`);
  const shape = shapeOf(before, options);
  const { api, network } = await atFreePlace(before, async (place) => {
    await state.saveSettings({ ...place, ...shape });
    const server = await startApiServer({
      stateDirectory: state.in('api'),
      host: apiServerAddress(place),
      port: place.port,
      crds: await customResourceDefinitions(),
      allocateServiceIp: (_service, used) => freeServiceAddress(place, used),
      logger: logger.child({ part: 'api-server' }),
    });
    return { api: server, network: place };
  });
  cleanup.use(api);
  const kubeconfigFile = state.in('kubeconfig');
  await writeFile(kubeconfigFile, api.adminKubeconfig(), { mode: 0o600 });
  options.onProgress(`API server at ${api.url}`);

  const client = KubeClient.fromKubeconfig(api.adminKubeconfig());
  const machines = localNodes(shape.nodes, shape.zones);
  await installBootstrapObjects(client, {
    nodes: machines,
    version: options.version,
    cpu: availableParallelism(),
    memoryBytes: totalmem(),
    address: apiServerAddress(network),
  });
  options.onProgress(`${machines.length} nodes in zones ${[...new Set(machines.map((machine) => machine.zone))].join(', ')}`);

  const machine = cleanup.use(
    await startMachine({
      client,
      nodes: machines.map(({ name }) => name),
      network,
      images: builtInImages(options.version),
      stateFolder: state.path,
      baseEnv: baseEnv(),
      maxRestartBackoffMs: options.maxRestartBackoffSeconds * 1000,
      startRetryMs,
      logger,
      kubeconfigFor: (account, pod) => api.kubeconfigFor(account, pod),
    }),
  );

  const owned = cleanup.move();
  return {
    kubeconfigFile,
    operatorLogFile: state.in('logs', operatorNamespace, operatorName, 'operator.log'),
    url: api.url,
    operatorReady: (signal) =>
      machine.pods.waitFor((informer) => whyNotReady(informer.get(operatorNamespace, operatorName)) === undefined, signal),
    whyOperatorIsNotReady: () => whyNotReady(machine.pods.get(operatorNamespace, operatorName)) ?? 'it is ready',
    [Symbol.asyncDispose]: async () => {
      await owned.disposeAsync();
      await rm(state.in('pods'), { recursive: true, force: true });
    },
  };
}

/** The shape is chosen once: nodes that hold volumes cannot be taken away by a flag. */
function shapeOf(
  before: ClusterSettings | undefined,
  { nodes: count = before?.nodes ?? 3, zones = before?.zones ?? ['a', 'b', 'c'] }: LocalClusterOptions,
): Pick<ClusterSettings, 'nodes' | 'zones'> {
  if (before && (before.nodes !== count || before.zones.join() !== zones.join())) {
    throw new StateFolderError(
      `this cluster has ${before.nodes} nodes in zones ${before.zones.join(', ')}: leave --nodes and --zones out, or start anew after "vectorcluster down --delete"`,
    );
  }
  return { nodes: count, zones: [...zones] };
}

/** Pods see little of the environment the cluster was started from. */
function baseEnv(): Record<string, string> {
  const names = new Set(['PATH', 'HOME', 'TMPDIR', 'LANG', 'LOG_LEVEL']);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && (names.has(name) || name.startsWith('OTEL_')) ? [[name, value]] : [],
    ),
  );
}
