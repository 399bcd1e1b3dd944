/** What every controller is: changes → keys → a queue → one reconcile per key at a time. */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import { Expectations } from '@vectorcluster/kube/expectations.ts';
import { WorkQueue, type Result, type WorkQueueOptions } from '@vectorcluster/kube/work-queue.ts';
import { Writer } from '../apply/writer.ts';
import type { Logger } from '../logger.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { Caches } from './caches.ts';
import { parseKey, type ReconcileKey } from './keys.ts';
import type { ShardMemory } from './shard-memory.ts';
import type { SightSource } from './sight-source.ts';

/** What controllers are given by main. */
export interface OperatorContext {
  readonly client: KubeClient;
  readonly caches: Caches;
  /** What storage nodes report. */
  readonly sights: SightSource;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
  /** Where a VectorCluster names none. */
  readonly storageNodeImage: string;
  readonly allowsUnsafePodTemplates: boolean;
  readonly now: () => Date;
  /** Milliseconds, monotonic; stands still while this process does. */
  readonly uptimeMs: () => number;
  readonly memory: ShardMemory;
  /** How queues tell the time. */
  readonly timing?: Pick<WorkQueueOptions, 'now' | 'random' | 'schedule'>;
}

export interface Reconciler {
  /** Adds keys from now on; what exists already is added by the caller's first pass over `initialKeys`. */
  watch(queue: WorkQueue): readonly (() => void)[];
  initialKeys(): readonly string[];
  reconcile(key: ReconcileKey): Promise<Result>;
}

export interface ControllerOptions {
  /** Such as `pool`; its field manager is then `vectorcluster-operator-pool`. */
  readonly name: string;
  /** Keys worked on at once. */
  readonly concurrency: number;
  readonly create: (context: OperatorContext, writer: Writer) => Reconciler;
}

/** Own writes that a cache has not shown yet are looked at again after this, in case no event tells. */
const recheckPendingMs = 1000;

const tracer = trace.getTracer('vectorcluster-operator');

/** Works until `signal` is aborted. */
export async function runController(parent: OperatorContext, options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { name, concurrency, create } = options;
  const context = { ...parent, log: parent.log.child({ controller: name }) };
  const { client, log, metrics } = context;
  const expectations = new Expectations();
  const reconciler = create(context, new Writer({ client, expectations, fieldManager: `vectorcluster-operator-${name}` }));
  const queue = new WorkQueue({
    name,
    concurrency,
    metrics,
    ...context.timing,
    onFailure: ({ key, error, retryAfterMs }) => log.warn({ err: error, key, retryAfterMs }, 'reconcile failed, trying again'),
  });
  const stops = reconciler.watch(queue);
  for (const key of reconciler.initialKeys()) queue.add(key);
  await queue.run((key) => {
    const pending = expectations.pending(key);
    if (pending.length === 0) return traced(name, key, () => reconciler.reconcile(parseKey(key)));
    log.debug({ key, pending }, 'own writes are not in the cache yet');
    return Promise.resolve({ requeueAfterMs: recheckPendingMs });
  }, signal);
  for (const stop of stops) stop();
}

function traced(controller: string, key: string, reconcile: () => Promise<Result>): Promise<Result> {
  return tracer.startActiveSpan(`reconcile ${controller}`, { attributes: { 'vectorcluster.key': key } }, async (span) => {
    try {
      return await reconcile();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
