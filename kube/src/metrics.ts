/** What Kubernetes does to us, as Prometheus metrics: one function per event. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface InformerMetrics {
  listed(kind: string, reason: string): void;
  listFailed(kind: string): void;
  watchEnded(kind: string, how: string): void;
  eventReceived(kind: string): void;
  /** Read at each scrape: how long nothing, not even a bookmark, has come. */
  watchLastEventAge(kind: string, ageMs: () => number): void;
}

export interface QueueMetrics {
  /** From the moment a key was due to the start of its run. */
  started(queue: string, waitedMs: number): void;
  finished(queue: string, outcome: 'done' | 'failed', tookMs: number): void;
}

export interface ApiAnswer {
  readonly method: string;
  /** Such as `pods` or `vectorshards/status`. */
  readonly resource: string;
  /** Of HTTP; 0 without an answer. */
  readonly status: number;
  /** Until the head of the answer; of a watch too. */
  readonly tookMs: number;
}

export interface ClientMetrics {
  answered(answer: ApiAnswer): void;
}

export interface KubeMetrics extends InformerMetrics, QueueMetrics, ClientMetrics {}

export const noMetrics: KubeMetrics = {
  listed: () => {},
  listFailed: () => {},
  watchEnded: () => {},
  eventReceived: () => {},
  watchLastEventAge: () => {},
  started: () => {},
  finished: () => {},
  answered: () => {},
};

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export function kubeMetrics(registry: Registry): KubeMetrics {
  const registers = [registry];
  const ages = new Map<string, () => number>();
  const lists = new Counter({
    name: 'vectorcluster_informer_lists_total',
    help: 'Full lists, by what led to them.',
    labelNames: ['kind', 'reason'],
    registers,
  });
  const listFailures = new Counter({
    name: 'vectorcluster_informer_list_failures_total',
    help: 'Lists that failed.',
    labelNames: ['kind'],
    registers,
  });
  const watchEnds = new Counter({
    name: 'vectorcluster_informer_watch_ends_total',
    help: 'Ends of watches, by how they ended.',
    labelNames: ['kind', 'how'],
    registers,
  });
  const events = new Counter({
    name: 'vectorcluster_informer_events_total',
    help: 'Events of watches.',
    labelNames: ['kind'],
    registers,
  });
  // oxlint-disable-next-line no-new -- the registry holds it
  new Gauge({
    name: 'vectorcluster_informer_last_event_age_seconds',
    help: 'How long ago the last list, event or bookmark came.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, ageMs] of ages) this.set({ kind }, ageMs() / 1000);
    },
  });
  const waits = new Histogram({
    name: 'vectorcluster_queue_wait_seconds',
    help: 'From the moment a key was due to the start of its run.',
    labelNames: ['queue'],
    buckets: secondsBuckets,
    registers,
  });
  const runs = new Histogram({
    name: 'vectorcluster_queue_run_seconds',
    help: 'How long the run of a key took.',
    labelNames: ['queue', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const requests = new Histogram({
    name: 'vectorcluster_api_request_seconds',
    help: 'Requests to the API server, until the head of the answer came; status 0: none came.',
    labelNames: ['method', 'resource', 'status'],
    buckets: secondsBuckets,
    registers,
  });
  return {
    listed: (kind, reason) => lists.inc({ kind, reason }),
    listFailed: (kind) => listFailures.inc({ kind }),
    watchEnded: (kind, how) => watchEnds.inc({ kind, how }),
    eventReceived: (kind) => events.inc({ kind }),
    watchLastEventAge: (kind, ageMs) => void ages.set(kind, ageMs),
    started: (queue, waitedMs) => waits.observe({ queue }, waitedMs / 1000),
    finished: (queue, outcome, tookMs) => runs.observe({ queue, outcome }, tookMs / 1000),
    answered: ({ method, resource, status, tookMs }) => requests.observe({ method, resource, status }, tookMs / 1000),
  };
}
