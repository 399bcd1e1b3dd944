/** What happens between and inside nodes, as Prometheus metrics: one function per event. Client requests: rpc/metrics.ts. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface PeerCallFinished {
  /** Name of the RPC. */
  readonly method: string;
  readonly seconds: number;
  readonly ok: boolean;
}

export interface NodeSize {
  readonly shards: number;
  readonly points: number;
  readonly vectors: number;
  readonly indexedVectors: number;
  readonly segments: number;
}

export interface NodeMetrics {
  readonly registry: Registry;
  peerCallFinished(call: PeerCallFinished): void;
  logAppended(entries: number, seconds: number): void;
  logSynced(entries: number, seconds: number): void;
  /** Asked at every scrape. */
  sizeIs(size: () => Promise<NodeSize>): void;
}

const secondsBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function createNodeMetrics(): NodeMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const peerCalls = new Histogram({
    name: 'vectorcluster_peer_call_duration_seconds',
    help: 'Calls of this node to others, by RPC and whether an answer came.',
    labelNames: ['method', 'ok'],
    buckets: secondsBuckets,
    registers,
  });
  const appends = new Histogram({
    name: 'vectorcluster_log_append_duration_seconds',
    help: 'From the append of entries until they are durable.',
    buckets: secondsBuckets,
    registers,
  });
  const appended = new Counter({ name: 'vectorcluster_log_entries_total', help: 'Entries appended to the log.', registers });
  const syncs = new Histogram({
    name: 'vectorcluster_log_sync_duration_seconds',
    help: 'Duration of one fdatasync of the log.',
    buckets: secondsBuckets,
    registers,
  });
  const syncEntries = new Histogram({
    name: 'vectorcluster_log_sync_entries',
    help: 'Entries made durable by one fdatasync.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  return {
    registry,
    peerCallFinished: ({ method, seconds, ok }) => peerCalls.observe({ method, ok: String(ok) }, seconds),
    logAppended: (entries, seconds) => {
      appended.inc(entries);
      appends.observe(seconds);
    },
    logSynced: (entries, seconds) => {
      syncs.observe(seconds);
      syncEntries.observe(entries);
    },
    sizeIs: (size) => registerSize(registry, size),
  };
}

function registerSize(registry: Registry, size: () => Promise<NodeSize>): void {
  const gauges: readonly [keyof NodeSize, string][] = [
    ['shards', 'Shards this node serves as primary.'],
    ['points', 'Points in the shards this node serves.'],
    ['vectors', 'Vectors in the shards this node serves.'],
    ['indexedVectors', 'Vectors that are in a graph.'],
    ['segments', 'Segments of the shards this node serves.'],
  ];
  for (const [key, help] of gauges) {
    const name = `vectorcluster_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => gauge.set((await size())[key]) });
  }
}
