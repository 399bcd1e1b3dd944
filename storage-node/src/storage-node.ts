/** One node, put together; and taken down in the order that loses nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { kubeMetrics } from '@vectorcluster/kube/metrics.ts';
import type { Config } from './config.ts';
import { CollectionObjects } from './coordinator/collection-objects.ts';
import { Coordinator } from './coordinator/coordinator.ts';
import { Hedging } from './coordinator/hedging.ts';
import { NodeLoads } from './coordinator/node-loads.ts';
import { timeout } from './coordinator/timeout.ts';
import { loadXxh64 } from './coordinator/xxh64.ts';
import { ShardUnavailableError } from './errors.ts';
import type { Logger } from './logger.ts';
import { Membership } from './membership/membership.ts';
import { OpenReplicas } from './membership/open-replicas.ts';
import type { ShardHost } from './membership/shard-host.ts';
import type { NodeMetrics, NodeSize } from './metrics.ts';
import { Links } from './peer/link/links.ts';
import { createLinkMetrics } from './peer/link/metrics.ts';
import { PeerConnections, type Observation } from './peer/peer-connections.ts';
import { startPeerServer } from './peer/peer-server.ts';
import { startProbeServer } from './probes.ts';
import { NodeTraffic } from './replica/node-traffic.ts';
import { createReportMetrics } from './reports/metrics.ts';
import { peerFacts } from './reports/peer-facts.ts';
import { createReports } from './reports/reports.ts';
import { VolumeUse } from './reports/volume-use.ts';
import { createSnapshotMetrics } from './snapshot/metrics.ts';
import { NodeSnapshots } from './snapshot/node-snapshots.ts';
import { startGrpcServer } from './rpc/grpc/server.ts';
import { defaultRequestLimits } from './rpc/limits.ts';
import { createRequestMetrics } from './rpc/metrics.ts';
import { startRestServer } from './rpc/rest/server.ts';
import { ClusterWatch } from './topology/cluster-watch.ts';
import { primariesOn, shows } from './topology/observe.ts';

export const version = '0.1.0';

/** How long a node that is not ready any more goes on taking requests, so that who sends them can learn of it. */
const farewellMs = 1_500;

/** Before calls of peers are cut; they ask another copy then. */
const peerDrainMs = 5_000;

export interface NodeParts {
  readonly config: Config;
  readonly client: KubeClient;
  readonly host: ShardHost & AsyncDisposable;
  readonly logger: Logger;
  readonly metrics: NodeMetrics;
  /** Gives up starting; a node that has started is stopped by `stop`. */
  readonly signal: AbortSignal;
}

export interface StorageNode {
  /** Not ready → no new connections → requests under way are answered → flushed. Resolves when nothing is left to do. */
  stop(): Promise<void>;
}

/** Own monotonic clock, milliseconds. */
const now = (): number => performance.now();

type Phase = 'starting' | 'started' | 'stopping';

/** Resolves when the node takes requests; its shards may still be opening. What was started before a failure is closed again. */
export async function startStorageNode({ config, client, host, logger, metrics, signal }: NodeParts): Promise<StorageNode> {
  await using starting = new AsyncDisposableStack();
  const stopping = new AbortController();
  const replicas = new OpenReplicas();
  const traffic = new NodeTraffic({ replicas, now });
  const kubernetes = { log: logger, metrics: kubeMetrics(metrics.registry) };
  const identity = { namespace: config.namespace, cluster: config.cluster };
  let phase: Phase = 'starting';
  metrics.sizeIs(() => sizeOf(replicas));
  starting.use(host);

  const watch = starting.use(new ClusterWatch({ client, ...identity, ...kubernetes }));
  const own = { node: config.node, podUid: config.podUid, zone: config.zone };
  const snapshots = new NodeSnapshots({
    identity,
    port: config.ports.peer,
    source: { open: (shard, replicaId) => host.openSnapshot(shard, replicaId) },
    addressOf: (name) => watch.current().nodes.get(name)?.address,
    metrics: createSnapshotMetrics(metrics.registry),
    reads: () => [...replicas.all()].reduce((sum, replica) => sum + replica.reads, 0),
    now,
    onBug: (error, method) => logger.error({ err: error, method }, 'peer call failed'),
  });
  const membership = new Membership({
    client,
    namespace: config.namespace,
    cluster: { name: config.cluster, uid: config.clusterUid },
    own,
    watch,
    host,
    replicas,
    network: traffic,
    fetchSnapshot: snapshots.fetch,
    ...kubernetes,
  });
  const observe = async (observation: Observation, signal: AbortSignal) => {
    const topology = await watch.until((now) => shows(now, observation), AbortSignal.any([signal, stopping.signal]));
    if (observation.serving) await replicas.untilServed(primariesOn(topology, observation.collectionUid, config.node), signal);
  };

  const probes = await startProbeServer({
    host: config.listenHost,
    port: config.ports.metrics,
    registry: metrics.registry,
    notStarted: () => (phase === 'starting' ? 'the cluster is not known yet' : undefined),
    notReady: () => whyNotReady(phase, membership),
  });
  starting.use(probes);

  const peers = starting.use(new PeerConnections({ identity, port: config.ports.peer, onCall: (call) => metrics.peerCallFinished(call) }));
  const { node, podUid } = config;
  const links = new Links({
    identity,
    node,
    podUid,
    port: config.ports.peer,
    handlers: traffic,
    log: logger,
    metrics: createLinkMetrics(metrics.registry),
    now,
  });
  const volume = starting.use(new VolumeUse(config.dataDirectory, logger));
  const reports = createReports({
    identity,
    metrics: createReportMetrics(metrics.registry),
    source: {
      node,
      podUid,
      replicas: () => replicas.facts(),
      replica: (replicaId) => replicas.byId(replicaId)?.facts(),
      onReplicaChange: (listener) => replicas.onReplicaChange(listener),
      peers: () =>
        peerFacts(
          [...watch.current().nodes.keys()].filter((name) => name !== node),
          links,
          now(),
        ),
      onPeerChange: (listener) => traffic.onPeerChange(listener),
      volume: () => volume.facts,
    },
  });
  const peerServer = await startPeerServer({
    host: config.listenHost,
    port: config.ports.peer,
    identity,
    shard: (uid) => replicas.get(uid),
    observe,
    services: [links.service, reports.service, snapshots.service],
    drainTimeoutMs: peerDrainMs,
    onBug: (error, method) => logger.error({ err: error, method }, 'peer call failed'),
  });
  starting.defer(() => peerServer.close());
  starting.use(links);
  starting.use(traffic);
  starting.use(reports);
  starting.use(snapshots);
  traffic.begin(links);

  const giveUp = () => stopping.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  starting.defer(() => signal.removeEventListener('abort', giveUp));
  await watch.start(stopping.signal);
  const followPods = () => {
    const nodes = watch.current().nodes;
    peers.keepOnly(new Set(Array.from(nodes.values(), ({ address }) => address)));
    links.setPeers(new Map(Array.from(nodes.values()).flatMap(({ name, address }) => (name === node ? [] : [[name, address]]))));
  };
  watch.onAddresses(followPods);
  followPods();
  const members = membership.run(stopping.signal);
  starting.defer(async () => {
    // Behind the last request of a client: its own copies answered until now.
    await traffic.leave();
    stopping.abort(new ShardUnavailableError('this node is shutting down'));
    await members;
  });

  const loads = new NodeLoads(now);
  starting.defer(watch.onAddresses((addresses) => loads.keepOnly(addresses)));
  const database = new Coordinator({
    node: config.node,
    zone: config.zone,
    topology: watch,
    hash: await loadXxh64(),
    localShard: (uid) => replicas.get(uid),
    remoteShard: (uid, address, signal) => peers.shard(uid, address, signal),
    observe: async (address, observation, signal) =>
      address === undefined ? await observe(observation, signal) : await peers.observe(address, observation, signal),
    collections: new CollectionObjects({ client, ...identity }),
    loads,
    hedging: new Hedging(),
    metrics: metrics.reads,
    now,
    after: timeout,
    sleep: async (ms, signal) => await sleep(ms, signal),
    random: Math.random,
  });
  const edge = { database, host: config.listenHost, limits: defaultRequestLimits, logger, version };
  const requests = createRequestMetrics(metrics.registry);
  const shardsNotReady = () => membership.notReady ?? ['all'];
  const rest = await startRestServer({ ...edge, port: config.ports.rest, metrics: requests, shardsNotReady });
  starting.use(rest);
  const grpc = await startGrpcServer({ ...edge, port: config.ports.grpc, metrics: requests });
  starting.use(grpc);

  signal.removeEventListener('abort', giveUp);
  signal.throwIfAborted();
  phase = 'started';
  const running = starting.move();
  return {
    stop: async () => {
      phase = 'stopping';
      rest.sendClientsAway();
      grpc.sendClientsAway();
      await delay(farewellMs);
      // The stack ends in reverse: edges, members, peers, watch, replicas. Probes answer until the peers are gone.
      await running.disposeAsync();
    },
  };
}

function whyNotReady(phase: Phase, { notReady, assignedAtStart }: Membership): string | undefined {
  if (phase === 'stopping') return 'shutting down';
  if (phase === 'starting' || notReady === undefined) return 'starting';
  if (notReady.length === 0) return undefined;
  return `${assignedAtStart - notReady.length} of ${assignedAtStart} shards are open; still being opened: ${notReady.join(', ')}`;
}

/** Rejects with the signal's own reason, which says whether the client left or ran out of time. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function sizeOf(replicas: OpenReplicas): Promise<NodeSize> {
  const all = [...replicas.all()];
  const stats = await Promise.all(all.map((replica) => replica.stats()));
  const total = (count: (shard: (typeof stats)[number]) => number) => stats.reduce((sum, each) => sum + count(each), 0);
  return {
    shards: stats.length,
    points: total((shard) => shard.points),
    vectors: total((shard) => shard.vectors),
    indexedVectors: total((shard) => shard.indexedVectors),
    segments: total((shard) => shard.segments),
    primaries: all.filter(({ servingEpoch }) => servingEpoch !== undefined).length,
    lagEntries: Math.max(0, ...all.map(({ lagEntries }) => lagEntries)),
  };
}
