/** Clients that write to and read from every shard all the time, through every node in turn, and try nothing again. */
import { probe } from '@vectorcluster/e2e/faults/workload/shard-probe.ts';
import { collection, dimension } from '@vectorcluster/e2e/faults/workload/points.ts';
import { connect } from '@vectorcluster/e2e/faults/workload/connections.ts';
import { RequestLog } from '@vectorcluster/e2e/faults/report/request-log.ts';
import type { ShardAnswers } from '@vectorcluster/e2e/faults/report/pauses.ts';
import { shardLookup } from '@vectorcluster/e2e/faults/shard-lookup.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

export interface ProbesOptions {
  readonly shards: number;
  /** Of each shard. */
  readonly everyMs: number;
}

interface Where {
  readonly service: string;
  readonly shardOf: (id: number) => string;
}

export class Probes implements AsyncDisposable {
  readonly answers: readonly ShardAnswers[];
  readonly log: RequestLog;
  /** Acknowledged writes that a read did not show; reads by default may be a moment behind. */
  readonly missing: string[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;

  private constructor(cluster: ReplicatedCluster, everyMs: number, { service, shardOf }: Where) {
    this.log = new RequestLog(() => performance.now());
    const { nodes } = connect(service, cluster.view.nodes());
    let last = 0;
    const probes = cluster.shardsOf(collection).map(({ metadata: { name } }) =>
      probe({
        shard: name,
        nodes,
        counter: this.log,
        nextId: () => {
          do last += 1;
          while (shardOf(last) !== name);
          return last;
        },
        random: Math.random,
        everyMs,
        signal: this.#stop.signal,
        onMissing: ({ level, point }) => this.missing.push(`${level} read of ${point.id}`),
      }),
    );
    this.answers = probes.map((each) => each.probe);
    this.#ended = Promise.all(probes.map(({ ended }) => ended));
  }

  /** Makes the collection with three copies of each shard. */
  static async start(cluster: ReplicatedCluster, options: ProbesOptions): Promise<Probes> {
    await cluster.create({ name: collection, copies: 3, shards: options.shards, dimension });
    const where = { service: await cluster.local.address(), shardOf: await shardLookup(cluster.shardsOf(collection)) };
    return new Probes(cluster, options.everyMs, where);
  }

  get shards(): readonly string[] {
    return this.answers.map(({ shard }) => shard);
  }

  /** Whether every shard has acknowledged a write that was begun after that time. */
  haveWrittenSince(atMs: number): boolean {
    return this.answers.every(({ writes }) => writes.some(({ invokedMs }) => invokedMs >= atMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}
