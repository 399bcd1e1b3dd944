import { limits, tuning } from './tuned-process.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { DocumentsFailedError, DocumentsOpenError } from '@vectorcluster/engine/documents/documents-errors.ts';
import { LogCorruptionError } from '@vectorcluster/engine/log/log.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { leaveLastWords } from './last-words.ts';
import { createLogger, type Logger } from './logger.ts';
import { createNodeMetrics, type NodeMetrics } from './metrics.ts';
import { startProbeServer } from './probes.ts';
import { createCaches } from './replica-host/caches.ts';
import { DataDirectoryError } from './replica-host/data-directory.ts';
import { openReplicaHost, type ReplicaHost } from './replica-host/replica-host.ts';
import { startStorageNode, version } from './storage-node.ts';
import { startTelemetry } from './telemetry.ts';
import { TuningError, type Tuning } from './tuning.ts';

/** An API server that does not answer by then is asked again: the in-sync set of a shard may wait for it. */
const apiTimeoutMs = 5_000;

const lastWordsPath = process.env['TERMINATION_MESSAGE_PATH'] ?? '/dev/termination-log';

const config = readConfigOrSay();
if (config !== undefined) await run(config, createLogger(config));

async function run(config: Config, logger: Logger): Promise<void> {
  const stop = new AbortController();
  const stopped = once(stop.signal, 'abort');
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  const telemetry = await startTelemetry(process.env);
  const metrics = createNodeMetrics();
  try {
    if (tuning instanceof TuningError) throw tuning;
    logger.info({ ...limits, ...tuning, heapBytes: getHeapStatistics().heap_size_limit }, 'tuned to what this node may use');
    metrics.tunedTo(tuning);
    const client = await KubeClient.fromEnvironment({ userAgent: `vectorcluster-storage-node/${version}`, requestTimeoutMs: apiTimeoutMs });
    const host = await openData(config, tuning, logger, metrics);
    const node = await startStorageNode({ config, client, host, logger, metrics, signal: stop.signal });
    logger.info({ version, zone: config.zone, ports: config.ports }, 'storage node started');
    await stopped;
    logger.info('storage node stopping');
    await endWithin(node.stop(), config.shutdownGraceMs);
    logger.info('storage node stopped');
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return;
    const why = sentence(error);
    logger.fatal({ err: error }, why ?? 'storage node failed');
    if (why !== undefined) leaveLastWords(lastWordsPath, why);
    process.exitCode = 1;
  } finally {
    await telemetry.stop();
  }
}

/** Meanwhile probes are told how far it is: data that have to be mended take long, and the process must not be taken for one that hangs. */
async function openData(config: Config, tuning: Tuning, logger: Logger, metrics: NodeMetrics): Promise<ReplicaHost> {
  let progress = 'the data directory is being opened';
  const probes = { host: config.listenHost, port: config.ports.metrics, registry: metrics.registry };
  await using _probes = await startProbeServer({ ...probes, notStarted: () => progress, notReady: () => progress });
  const { dataDirectory, namespace, cluster, clusterUid } = config;
  return await openReplicaHost({
    dataDirectory,
    owner: { namespace, cluster, clusterUid },
    caches: createCaches(tuning),
    logger,
    logMetrics: metrics.log,
    onMessageRefused: () => metrics.messageRefused(),
    onMistake: (mistake) => metrics.replicaBarred(mistake),
    scrubMetrics: metrics.scrub,
    onProgress: (what) => {
      progress = what;
    },
    newReplicaId: () => randomBytes(16).toString('hex'),
    onFatal: (error) => endAtOnce(logger, error),
  });
}

function readConfigOrSay(): Config | undefined {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    leaveLastWords(lastWordsPath, error.message);
    process.exitCode = 2;
    return undefined;
  }
}

/** Gives up waiting after the grace period: what is acknowledged is durable, and the kubelet's SIGKILL would come anyway. */
async function endWithin(stopping: Promise<void>, graceMs: number): Promise<void> {
  const ended = new AbortController();
  const grace = delay(graceMs, 'late', { signal: ended.signal, ref: false }).catch(() => 'ended');
  const outcome = await Promise.race([stopping, grace]);
  ended.abort();
  if (outcome === 'late') throw new Error(`requests under way did not end within ${graceMs} ms`);
}

/** After a failed sync nobody knows what is on the disk: only the log as a new process reads it can tell. That mends damaged documents, too. */
function endAtOnce(logger: Logger, error: unknown): never {
  logger.fatal({ err: error }, error instanceof DocumentsFailedError ? error.message : 'durability cannot be promised any more');
  process.exit(1);
}

/** What a person should do about it, where we know. */
function sentence(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (
    error instanceof TuningError ||
    error instanceof DataDirectoryError ||
    error instanceof DocumentsOpenError ||
    error instanceof DocumentsFailedError ||
    error instanceof LogCorruptionError
  )
    return text;
  return text.includes('EADDRINUSE')
    ? 'a port of this node is in use: end the process that has it, or set REST_PORT, GRPC_PORT, PEER_PORT or METRICS_PORT'
    : undefined;
}
