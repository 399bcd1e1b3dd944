/** A storage node as far as its reports go: a real gRPC server that says what the test wants. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Server, ServerCredentials, status, type ServerWritableStream } from '@grpc/grpc-js';
import { foreignIdentity, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
import {
  ReplicaRole,
  ReportService,
  type ReplicaReport,
  type WatchRequest,
  type WatchResponseSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { addService } from '@vectorcluster/proto/grpc-adapter.ts';

export type PlayedReport = MessageInitShape<typeof WatchResponseSchema>;

export interface PlayedNodeOptions {
  readonly identity: ClusterIdentity;
  readonly node: string;
  readonly podUid: string;
  readonly host?: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** What every stream begins with. */
  readonly first?: PlayedReport;
  /** Of a version without reports. */
  readonly isOld?: boolean;
}

export class PlayedNode implements Disposable {
  readonly port: number;
  /** Of each reader that came. */
  readonly requests: WatchRequest[] = [];
  readonly #server: Server;
  readonly #options: PlayedNodeOptions;
  readonly #streams = new Map<ServerWritableStream<WatchRequest, PlayedReport>, bigint>();
  readonly #heartbeats: NodeJS.Timeout;
  #peers: NonNullable<PlayedReport['peers']> = [];

  private constructor(options: PlayedNodeOptions, server: Server, port: number) {
    this.#options = options;
    this.#server = server;
    this.port = port;
    this.#heartbeats = setInterval(() => this.report({}), 500);
  }

  static async start(options: PlayedNodeOptions): Promise<PlayedNode> {
    const server = new Server();
    let started: PlayedNode | undefined;
    const watch = (call: ServerWritableStream<WatchRequest, PlayedReport>) => started?.begin(call);
    addService(server, ReportService, options.isOld === true ? {} : { watch }, () => ({
      code: status.INTERNAL,
      details: 'internal error',
    }));
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(`${options.host ?? '127.0.0.1'}:${options.port ?? 0}`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    started = new PlayedNode(options, server, await promise);
    return started;
  }

  get readers(): number {
    return this.#streams.size;
  }

  begin(call: ServerWritableStream<WatchRequest, PlayedReport>): void {
    if (foreignIdentity(call.metadata, this.#options.identity) !== undefined) {
      call.emit('error', { code: status.FAILED_PRECONDITION, details: 'this node belongs to another cluster' });
      return;
    }
    this.requests.push(call.request);
    this.#streams.set(call, 0n);
    call.once('cancelled', () => this.#streams.delete(call));
    call.once('close', () => this.#streams.delete(call));
    this.#write(call, this.#options.first ?? {});
  }

  /** Peers hold until others are given. */
  report(report: PlayedReport): void {
    this.#peers = report.peers ?? this.#peers;
    for (const call of this.#streams.keys()) this.#write(call, report);
  }

  /** Connections end as when the process is killed. */
  kill(): void {
    clearInterval(this.#heartbeats);
    this.#server.forceShutdown();
  }

  [Symbol.dispose](): void {
    this.kill();
  }

  #write(call: ServerWritableStream<WatchRequest, PlayedReport>, report: PlayedReport): void {
    const number = (this.#streams.get(call) ?? 0n) + 1n;
    this.#streams.set(call, number);
    const { node, podUid } = this.#options;
    call.write({ number, node, podUid, peers: this.#peers, ...report });
  }
}

export function playedReplica(shard: string, change: Partial<Pick<ReplicaReport, 'epoch' | 'role' | 'applied'>> = {}) {
  return { shard, replicaId: `replica of ${shard}`, epoch: 1n, role: ReplicaRole.FOLLOWING, serves: true, ...change };
}
