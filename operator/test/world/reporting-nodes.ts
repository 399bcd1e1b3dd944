/** Storage nodes that report, one per Pod of a cluster, on loopback addresses of their own: the peer port is the same for all. */
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { ReplicaRole } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { peerPort } from '../../src/resources/node-ports.ts';
import { PlayedNode, type PlayedReport } from '../reports/played-node.ts';

export class ReportingNodes implements Disposable {
  readonly #nodes = new Map<string, PlayedNode>();
  /** Also of those that were killed. */
  readonly #names = new Set<string>();

  /** Each begins with what the shard says of its copy; then its Pod gets its address. */
  static async start(client: KubeClient, cluster: string, all: readonly Pod[], shard: VectorShard): Promise<ReportingNodes> {
    const started = new ReportingNodes();
    const network = `127.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 250)}`;
    for (const [index, { metadata }] of all.entries()) {
      const { name, namespace = '', uid = '' } = metadata;
      const host = `${network}.${index + 1}`;
      const first = reportOf(shard, name);
      const node = await PlayedNode.start({ identity: { namespace, cluster }, node: name, podUid: uid, host, port: peerPort, first });
      started.#nodes.set(name, node);
      started.#names.add(name);
      await client.patch(pods, name, namespace, { status: { podIP: host } }, { subresource: 'status' });
    }
    started.peersHear(() => true);
    return started;
  }

  /** What every node says of its copy from now on. */
  follow(shard: VectorShard, drainedTo?: string): void {
    for (const [name, node] of this.#nodes) node.report(reportOf(shard, name, drainedTo));
  }

  peersHear(isHeard: (node: string) => boolean): void {
    const peers = [...this.#names].map((node) =>
      isHeard(node) ? { node, connected: true, silentMs: 10n } : { node, connected: false, silentMs: 1000n, closedForMs: 1000n },
    );
    for (const node of this.#nodes.values()) node.report({ peers });
  }

  /** Its process ends; Kubernetes has not noticed. */
  kill(name: string): void {
    this.#nodes.get(name)?.kill();
    this.#nodes.delete(name);
  }

  [Symbol.dispose](): void {
    for (const node of this.#nodes.values()) node[Symbol.dispose]();
  }
}

function reportOf({ metadata, status }: VectorShard, node: string, drainedTo?: string): PlayedReport {
  const own = (status?.members ?? []).filter((member) => member.node === node);
  return {
    replicas: own.map(({ replicaId }: Member) => {
      const leads = replicaId === status?.primary;
      return {
        shard: metadata.uid ?? '',
        replicaId,
        epoch: BigInt(status?.epoch ?? 0),
        role: leads ? ReplicaRole.LEADING : ReplicaRole.FOLLOWING,
        serves: true,
        points: 7n,
        ...(leads && drainedTo !== undefined && { drainedTo }),
      };
    }),
  };
}
