/** An installed release with one cluster of three nodes, as most scenarios begin: watched, and removed when they end. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { kubectl, run } from './kubectl.ts';
import { startLoadPod } from './load/load-pod.ts';
import { startLoad, type Load } from './load/start-load.ts';
import { describeRelease, installRelease, removeRelease } from './release.ts';
import type { Scenario, World } from './scenario.ts';
import { ClusterWatch } from './watch/cluster-watch.ts';
import { isCurrent } from './watch/conditions.ts';

const sample = new URL('../samples/quickstart.yaml', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
const cluster = 'shop';
const collection = 'books';
/** Of a cluster that starts, on a busy machine. */
export const readyWithinSeconds = 240;
const seenWithinSeconds = 30;

export interface Shop {
  readonly namespace: string;
  /** From the beginning of `helm install` until all nodes were Ready. */
  readonly readyAfterMs: number;
  readonly watch: ClusterWatch;
  /** kubectl in the namespace. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** The sample with this merged into its spec; returns when all nodes are Ready. */
  make(spec: object): Promise<void>;
  /** Returns when all Pods are gone. */
  remove(): Promise<void>;
  /** Merged into the spec, as `kubectl patch` does. */
  patch(spec: object): Promise<void>;
  untilCurrent(withinSeconds?: number): Promise<void>;
  /** Clients that write to and read from a new collection through the Service, or only through the nodes named. */
  load(options?: LoadOptions): Promise<Load>;
}

export interface LoadOptions {
  readonly nodes?: readonly string[];
  /** The Kubernetes node that the clients run on. */
  readonly machine?: string;
}

/** Runs `play` on a shop of its own. Whatever happens, it is told how things stood, and nothing is left. */
export async function inShop(
  { name }: Pick<Scenario, 'name'>,
  { stages, say }: World,
  spec: object,
  play: (shop: Shop) => Promise<void>,
): Promise<void> {
  const namespace = `vectorcluster-${name}`;
  const startedMs = performance.now();
  try {
    await stages.run('the chart is installed, and the operator serves', () => installRelease(namespace));
    await using watch = await ClusterWatch.start(namespace, cluster);
    const shop = shopIn(namespace, watch);
    await stages.run('all nodes are Ready', () => shop.make(spec));
    watch.changes();
    await play({ ...shop, readyAfterMs: performance.now() - startedMs });
    if (watch.violations.length > 0) throw new BrokenPromisesError(watch.violations);
  } catch (error) {
    say(await describeRelease(namespace));
    throw error;
  } finally {
    await stages.run('all is removed', () => removeRelease(namespace));
  }
}

class BrokenPromisesError extends Error {
  override readonly name = 'BrokenPromisesError';

  constructor(violations: readonly string[]) {
    super(`seen beside the scenario: ${violations.join('; ')}`);
  }
}

async function manifest(spec: object): Promise<string> {
  const shop: { spec: object } = parse(await readFile(fileURLToPath(sample), 'utf8'));
  return stringify({ ...shop, spec: { ...shop.spec, ...spec } });
}

function shopIn(namespace: string, watch: ClusterWatch): Omit<Shop, 'readyAfterMs'> {
  const inNamespace = async (...args: readonly string[]) => await kubectl('--namespace', namespace, ...args);
  const untilCurrent = async (withinSeconds = readyWithinSeconds) =>
    await watch.until('the cluster is as its spec says', withinSeconds, (view) => isCurrent(view.cluster));
  return {
    namespace,
    watch,
    kubectl: inNamespace,
    patch: async (spec) => {
      const patch = `--patch=${JSON.stringify({ spec })}`;
      const generation = Number(
        await inNamespace('patch', 'vectorcluster', cluster, '--type=merge', patch, '--output=jsonpath={.metadata.generation}'),
      );
      // Until the watch has brought it, the cluster is as its old spec says.
      await watch.until('the change is seen', seenWithinSeconds, (view) => (view.cluster.metadata.generation ?? 0) >= generation);
    },
    untilCurrent,
    make: async (spec) => {
      await run('kubectl', ['--namespace', namespace, 'apply', '--filename', '-'], await manifest(spec));
      await untilCurrent();
    },
    remove: async () => {
      await inNamespace('delete', 'vectorcluster', cluster, '--timeout=120s');
      await inNamespace('wait', '--for=delete', 'pod', `--selector=vectorcluster.io/cluster=${cluster}`, '--timeout=120s');
    },
    load: async ({ nodes, machine } = {}) => {
      const { pods } = watch.view();
      const image = pods[0]?.spec?.containers[0]?.image ?? '';
      await startLoadPod(namespace, image, machine);
      const hosts = nodes === undefined ? [cluster] : nodes.map((node) => addressOf(pods, node));
      return await startLoad(namespace, { hosts, collection, writers: 4, readers: 8, pauseMs: 3 });
    },
  };
}

function addressOf(pods: ReturnType<ClusterWatch['view']>['pods'], node: string): string {
  const address = pods.find(({ metadata }) => metadata.name === node)?.status?.podIP;
  if (address === undefined) throw new Error(`node ${node} has no address`);
  return address;
}
