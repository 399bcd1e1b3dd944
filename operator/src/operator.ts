/** Everything that runs while this process leads. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import { startCaches, stopCaches, createCaches } from './controllers/caches.ts';
import { clusterController } from './controllers/cluster.ts';
import { collectionController } from './controllers/collection.ts';
import { copiesController } from './controllers/copies.ts';
import { runController, type OperatorContext } from './controllers/controller.ts';
import { poolController } from './controllers/pool.ts';
import { shardController } from './controllers/shard.ts';
import { ShardMemory } from './controllers/shard-memory.ts';
import type { Logger } from './logger.ts';
import type { OperatorMetrics } from './metrics.ts';
import { AwakeClock } from './reports/awake-clock.ts';
import { NodeReports } from './reports/node-reports.ts';
import { peerPort } from './resources/node-ports.ts';

export interface OperatorOptions {
  readonly client: KubeClient;
  /** Undefined: all namespaces. */
  readonly watchNamespace: string | undefined;
  readonly identity: string;
  /** Where a VectorCluster names none. */
  readonly storageNodeImage: string;
  readonly allowsUnsafePodTemplates: boolean;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
  readonly now: () => Date;
  /** Called when the caches are filled and the controllers begin. */
  readonly onStarted?: () => void;
}

const controllers = [clusterController, poolController, collectionController, shardController, copiesController];

/** Works until `signal` is aborted; all writes have been answered when it resolves. */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { client, watchNamespace, identity, storageNodeImage, allowsUnsafePodTemplates, log, metrics, now, onStarted } = options;
  await using events = new EventRecorder({ client, component: 'vectorcluster-operator', instance: identity, log });
  const caches = createCaches(client, { namespace: watchNamespace, metrics, log });
  const failed = new AbortController();
  const stopping = AbortSignal.any([signal, failed.signal]);
  try {
    await startCaches(caches, stopping);
    log.info({ clusters: caches.clusters.list().length, collections: caches.collections.list().length }, 'caches are filled');
    using clock = new AwakeClock();
    const uptimeMs = () => clock.now();
    await using sights = new NodeReports({ pods: caches.pods, port: peerPort, log, metrics, now: uptimeMs });
    const memory = new ShardMemory(uptimeMs);
    const context: OperatorContext = {
      client,
      caches,
      sights,
      events,
      log,
      metrics,
      storageNodeImage,
      allowsUnsafePodTemplates,
      now,
      uptimeMs,
      memory,
    };
    const running = controllers.map((controller) => runController(context, controller, stopping));
    onStarted?.();
    await Promise.all(running);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    failed.abort();
    await stopCaches(caches);
  }
}
