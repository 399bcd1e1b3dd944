/** A storage node: membership, replicas, traffic, topology and coordinator are the real ones, wired as storage-node.ts wires them. */
import { silentLog } from '@vectorcluster/kube/log.ts';
import { noMetrics } from '@vectorcluster/kube/metrics.ts';
import { CollectionObjects } from '@vectorcluster/storage-node/coordinator/collection-objects.ts';
import { Coordinator } from '@vectorcluster/storage-node/coordinator/coordinator.ts';
import { Hedging } from '@vectorcluster/storage-node/coordinator/hedging.ts';
import { NodeLoads } from '@vectorcluster/storage-node/coordinator/node-loads.ts';
import type { Hash } from '@vectorcluster/storage-node/coordinator/router.ts';
import { Membership } from '@vectorcluster/storage-node/membership/membership.ts';
import { OpenReplicas } from '@vectorcluster/storage-node/membership/open-replicas.ts';
import { pause } from '@vectorcluster/storage-node/replica/after.ts';
import type { ServedShard } from '@vectorcluster/storage-node/peer/served-shard.ts';
import { NodeTraffic } from '@vectorcluster/storage-node/replica/node-traffic.ts';
import { peerFacts } from '@vectorcluster/storage-node/reports/peer-facts.ts';
import { ClusterWatch } from '@vectorcluster/storage-node/topology/cluster-watch.ts';
import { namespace } from '../kubernetes/api-server.ts';
import type { SimulatedClient } from '../kubernetes/simulated-client.ts';
import type { Mutation } from '../mutation.ts';
import type { Network } from '../network/network.ts';
import { SimulatedLinks } from '../network/simulated-links.ts';
import type { Reporter } from '../operator/report-line.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import { answering, type AnsweredWrite } from './answering-shard.ts';
import { remoteShard } from './remote-shard.ts';
import { SimulatedHost, type HostOptions } from './simulated-host.ts';
import { fetchSnapshotFrom } from './snapshot-transfer.ts';

export const cluster = 'shop';

/** What other processes reach of it. */
export interface Served {
  readonly links: SimulatedLinks;
  readonly reporter: Reporter;
  readonly shard: (uid: string) => ServedShard;
  readonly host: SimulatedHost;
}

export interface NodeProcessOptions {
  readonly node: string;
  readonly zone: string;
  readonly podUid: string;
  readonly clusterUid: string;
  readonly process: Process;
  readonly network: Network<Served>;
  readonly client: SimulatedClient;
  readonly chance: Chance;
  readonly host: HostOptions;
  readonly hash: Hash;
  readonly mutation: Mutation;
  readonly nodes: readonly string[];
  readonly onAnswered: (write: AnsweredWrite) => void;
}

export class NodeProcess {
  readonly process: Process;
  readonly replicas: OpenReplicas;
  readonly host: SimulatedHost;
  readonly database: Coordinator;
  readonly membership: Membership;
  readonly links: SimulatedLinks;
  readonly traffic: NodeTraffic;

  private constructor(parts: Pick<NodeProcess, 'process' | 'replicas' | 'host' | 'database' | 'membership' | 'links' | 'traffic'>) {
    this.process = parts.process;
    this.replicas = parts.replicas;
    this.host = parts.host;
    this.database = parts.database;
    this.membership = parts.membership;
    this.links = parts.links;
    this.traffic = parts.traffic;
  }

  /** Resolves when it takes requests. */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    const { node, zone, podUid, process, network, client, chance, hash, nodes } = options;
    const ending = new AbortController();
    process.onEnd(() => ending.abort());
    const { now, after } = process;
    const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
      await pause(after, ms, signal);
      signal.throwIfAborted();
    };
    const host = await SimulatedHost.open(options.host);
    const replicas = new OpenReplicas();
    const traffic = new NodeTraffic({ replicas, now, after });
    const shard = (uid: string) => answering(replicas.get(uid), options.mutation, options.onAnswered);
    const links = new SimulatedLinks({ node, process, network, chance, handlers: traffic });
    const watch = new ClusterWatch({ client, namespace, cluster, now, random: chance.next, sleep });
    const membership = new Membership({
      client,
      namespace,
      cluster: { name: cluster, uid: options.clusterUid },
      own: { node, podUid, zone },
      watch,
      host,
      replicas,
      network: traffic,
      fetchSnapshot: (place, signal) => fetchSnapshotFrom({ ...options, place, signal }),
      log: silentLog,
      metrics: noMetrics,
      after,
      timing: { now, random: chance.next, schedule: process.schedule },
    });
    const reporter: Reporter = {
      node,
      podUid,
      process,
      replicas: () => replicas.facts(),
      peers: () =>
        peerFacts(
          nodes.filter((name) => name !== node),
          links,
          now(),
        ),
      onChange: (listener) => {
        const stops = [replicas.onReplicaChange(listener), traffic.onPeerChange(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
    network.setMachine(node, { kind: 'running', door: { process, served: { links, reporter, shard, host } } });
    traffic.begin(links);
    await watch.start(ending.signal);
    links.setPeers(nodes);
    void membership.run(ending.signal);
    const database = new Coordinator({
      node,
      zone,
      topology: watch,
      hash,
      localShard: shard,
      remoteShard: (uid, address, signal) => remoteShard({ network, node, process, uid, address, signal }),
      observe: async () => {},
      collections: new CollectionObjects({ client, namespace, cluster }),
      loads: new NodeLoads(now),
      hedging: new Hedging(),
      metrics: { readAnswered: () => {}, readHedged: () => {} },
      now,
      after,
      sleep,
      random: chance.next,
    });
    return new NodeProcess({ process, replicas, host, database, membership, links, traffic });
  }
}
