/** What happens between and inside nodes, as Prometheus metrics: one function per event. Client requests: rpc/metrics.ts. */
import type { ReadMetrics } from './coordinator/coordination.ts';
import type { LogMetrics } from '@vectorcluster/engine/log/log-writer.ts';
import type { Mistake } from './replica/mistake.ts';
import type { ScrubMetrics } from './scrubber/scrubber.ts';
import type { Tuning } from './tuning.ts';
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
  /** Shards whose writes are ordered here. */
  readonly primaries: number;
  /** Entries that the copy furthest behind knows to be committed and does not show yet. */
  readonly lagEntries: number;
}

export interface NodeMetrics {
  readonly registry: Registry;
  peerCallFinished(call: PeerCallFinished): void;
  /** A message between replicas that no version of ours sends. */
  messageRefused(): void;
  /** A mistake of the program showed in the work of one replica. */
  replicaBarred(mistake: Pick<Mistake, 'during'>): void;
  /** How much of its limits each part takes. */
  tunedTo(tuning: Tuning): void;
  readonly log: LogMetrics;
  readonly reads: ReadMetrics;
  readonly scrub: ScrubMetrics;
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
  const refused = new Counter({
    name: 'vectorcluster_replication_messages_refused_total',
    help: 'Messages of other replicas that could not be ours and were not looked at.',
    registers,
  });
  const barred = new Counter({
    name: 'vectorcluster_replicas_barred_total',
    help: 'Replicas that a mistake of the program made unfit to serve, by the event or work in which it showed. Report it.',
    labelNames: ['during'],
    registers,
  });
  return {
    registry,
    messageRefused: () => refused.inc(),
    replicaBarred: ({ during }) => barred.inc({ during }),
    peerCallFinished: ({ method, seconds, ok }) => peerCalls.observe({ method, ok: String(ok) }, seconds),
    log: createLogMetrics(registry),
    reads: createReadMetrics(registry),
    scrub: createScrubMetrics(registry),
    sizeIs: (size) => registerSize(registry, size),
    tunedTo: (tuning) => registerTuning(registry, tuning),
  };
}

function registerTuning(registry: Registry, { pointCacheBytes, recentEntryBytes, engineThreads, ioThreads }: Tuning): void {
  const gauges: readonly [name: string, help: string, value: number][] = [
    ['point_cache_max_bytes', 'Memory that points may take as clients get them.', pointCacheBytes],
    ['recent_entries_max_bytes', 'Memory that entries of the log may take which followers want a moment later.', recentEntryBytes],
    ['engine_threads', 'Threads for searches and graphs.', engineThreads],
    ['io_threads', 'Threads for files, documents and compression.', ioThreads],
  ];
  for (const [name, help, value] of gauges) new Gauge({ name: `vectorcluster_${name}`, help, registers: [registry] }).set(value);
}

function createReadMetrics(registry: Registry): ReadMetrics {
  const registers = [registry];
  const answered = new Counter({
    name: 'vectorcluster_shard_reads_total',
    help: 'Reads of one shard that a copy answered, by the level asked for and what the copy is: primary, in-sync or reader.',
    labelNames: ['level', 'replica'],
    registers,
  });
  const hedged = new Counter({
    name: 'vectorcluster_shard_reads_hedged_total',
    help: 'Reads of one shard that a second copy was asked for because the first took long, by whether it was faster.',
    labelNames: ['won'],
    registers,
  });
  // Looked up once: reads are many, and there are few kinds.
  const byKind = new Map<string, Counter.Internal>();
  const counterOf = (level: string, replica: string): Counter.Internal => {
    const kind = `${level} ${replica}`;
    const known = byKind.get(kind) ?? answered.labels(level, replica);
    byKind.set(kind, known);
    return known;
  };
  return {
    readAnswered: ({ level, replica }) => counterOf(level, replica).inc(),
    readHedged: ({ won }) => hedged.inc({ won: String(won) }),
  };
}

function createScrubMetrics(registry: Registry): ScrubMetrics {
  const registers = [registry];
  const bytes = new Counter({
    name: 'vectorcluster_scrub_bytes_total',
    help: 'Bytes read and verified in the background, by kind: log, documents or saved.',
    labelNames: ['kind'],
    registers,
  });
  const found = new Counter({
    name: 'vectorcluster_scrub_findings_total',
    help: 'What scrubbing found: damaged replicas, saved segments to rebuild, damage in bytes that are not needed.',
    labelNames: ['finding'],
    registers,
  });
  const passes = new Counter({ name: 'vectorcluster_scrub_passes_total', help: 'Times that everything was verified.', registers });
  const lastPass = new Gauge({
    name: 'vectorcluster_scrub_last_pass_timestamp_seconds',
    help: 'When everything had last been verified once, in Unix time; 0 since the start of the process not yet.',
    registers,
  });
  const took = new Gauge({ name: 'vectorcluster_scrub_last_pass_duration_seconds', help: 'How long the last pass took.', registers });
  return {
    bytesChecked: (kind, checked) => bytes.inc({ kind }, checked),
    found: (finding) => found.inc({ finding }),
    passEnded: ({ tookMs }) => {
      passes.inc();
      lastPass.setToCurrentTime();
      took.set(tookMs / 1000);
    },
  };
}

function createLogMetrics(registry: Registry): LogMetrics {
  const registers = [registry];
  const syncs = new Histogram({
    name: 'vectorcluster_log_sync_duration_seconds',
    help: 'Duration of one write and fdatasync of the log.',
    buckets: secondsBuckets,
    registers,
  });
  const batch = new Histogram({
    name: 'vectorcluster_log_sync_writes',
    help: 'Waiting writes that one fdatasync made durable.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const bytes = new Counter({ name: 'vectorcluster_log_bytes_total', help: 'Bytes made durable.', registers });
  const made = new Counter({ name: 'vectorcluster_log_segments_made_total', help: 'Segment files of the log made.', registers });
  const removed = new Counter({ name: 'vectorcluster_log_segments_removed_total', help: 'Segment files of the log removed.', registers });
  const copied = new Counter({
    name: 'vectorcluster_log_entries_copied_total',
    help: 'Entries copied forward for slow replicas.',
    registers,
  });
  return {
    batchSynced: ({ writes, bytes: synced, durationMs }) => {
      syncs.observe(durationMs / 1000);
      batch.observe(writes);
      bytes.inc(synced);
    },
    segmentMade: () => made.inc(),
    segmentRemoved: () => removed.inc(),
    entriesCopied: ({ entries }) => copied.inc(entries),
  };
}

function registerSize(registry: Registry, size: () => Promise<NodeSize>): void {
  const gauges: readonly [keyof NodeSize, string][] = [
    ['shards', 'Shards of which this node has a copy.'],
    ['primaries', 'Shards whose writes this node orders.'],
    ['lagEntries', 'Entries that the copy furthest behind knows to be committed and does not show yet.'],
    ['points', 'Points in the copies on this node.'],
    ['vectors', 'Vectors in the copies on this node.'],
    ['indexedVectors', 'Vectors that are in a graph.'],
    ['segments', 'Segments of the copies on this node.'],
  ];
  for (const [key, help] of gauges) {
    const name = `vectorcluster_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => gauge.set((await size())[key]) });
  }
}
