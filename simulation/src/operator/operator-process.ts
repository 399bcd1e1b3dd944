/** An operator: its real caches and controllers for collections, shards and copies, in one process of the world. Nodes are kept by the kubelets. */
import { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import { createCaches, startCaches } from '@vectorcluster/operator/controllers/caches.ts';
import { collectionController } from '@vectorcluster/operator/controllers/collection.ts';
import { runController, type OperatorContext } from '@vectorcluster/operator/controllers/controller.ts';
import { copiesController } from '@vectorcluster/operator/controllers/copies.ts';
import { ShardMemory } from '@vectorcluster/operator/controllers/shard-memory.ts';
import { shardController } from '@vectorcluster/operator/controllers/shard.ts';
import { createLogger } from '@vectorcluster/operator/logger.ts';
import { createMetrics } from '@vectorcluster/operator/metrics.ts';
import { namespace, dateAt } from '../kubernetes/api-server.ts';
import type { SimulatedClient } from '../kubernetes/simulated-client.ts';
import type { Network } from '../network/network.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import { SimulatedSights, type HasReporter } from './simulated-sights.ts';

const log = createLogger('silent');

const metrics = createMetrics();

export interface OperatorProcessOptions {
  readonly place: string;
  readonly process: Process;
  readonly network: Network<HasReporter>;
  readonly chance: Chance;
  readonly client: SimulatedClient;
  readonly worldNow: () => number;
}

/** Runs until the process ends. */
export async function startOperator({ place, process, network, chance, client, worldNow }: OperatorProcessOptions): Promise<void> {
  const ending = new AbortController();
  process.onEnd(() => ending.abort());
  const timing = { now: process.now, random: chance.next, schedule: process.schedule };
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = process.after(ms, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  };
  const caches = createCaches(client, { namespace, log, now: process.now, random: chance.next, sleep });
  await startCaches(caches, ending.signal);
  const sights = new SimulatedSights({ place, process, network, chance, pods: caches.pods });
  const date = (): Date => dateAt(worldNow());
  const events = new EventRecorder({ client, component: 'operator', instance: place, now: process.now, date, random: chance.next });
  const context: OperatorContext = {
    client,
    caches,
    sights,
    events,
    log,
    metrics,
    storageNodeImage: 'vectorcluster/storage-node:0.1.0',
    allowsUnsafePodTemplates: false,
    now: date,
    uptimeMs: process.now,
    memory: new ShardMemory(process.now),
    timing,
  };
  await Promise.all([collectionController, shardController, copiesController].map((each) => runController(context, each, ending.signal)));
}
