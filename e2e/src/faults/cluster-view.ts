/** What the API server says of shards and nodes, followed by watch; while it is down, the last that was heard. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Victim } from './fault.ts';

export type Role = 'primary' | 'follower' | 'none';

/** One configuration of one shard, nodes by name. */
export interface Configuration {
  readonly atMs: number;
  readonly shard: string;
  readonly epoch: number;
  readonly primary: string;
  readonly inSync: readonly string[];
}

export class ClusterView implements AsyncDisposable {
  readonly configurations: Configuration[] = [];
  readonly #shards: Informer<VectorShard>;
  readonly #pods: Informer<Pod>;
  readonly #stop = new AbortController();
  readonly #now: () => number;

  constructor(client: KubeClient, namespace: string, now: () => number) {
    this.#now = now;
    this.#shards = new Informer(client, vectorShards, { namespace });
    this.#pods = new Informer(client, pods, { namespace });
    this.#shards.onChange(({ kind, object }) => {
      if (kind !== 'deleted') this.#note(object);
    });
    this.#shards.start(this.#stop.signal);
    this.#pods.start(this.#stop.signal);
  }

  async synced(): Promise<void> {
    await Promise.all([this.#shards.synced(), this.#pods.synced()]);
  }

  /** By name, so that shard 3 is the same one in every run. */
  shards(): readonly VectorShard[] {
    return this.#shards.list().toSorted((a, b) => a.spec.hashRange.first.localeCompare(b.spec.hashRange.first));
  }

  /** Storage nodes with their addresses. */
  nodes(): ReadonlyMap<string, string> {
    return new Map(
      this.#pods.list().flatMap(({ metadata, status }) => (status?.podIP === undefined ? [] : [[metadata.name, status.podIP]])),
    );
  }

  /** The node that plays this part now; the first follower in sync where there are several. */
  nodeOf({ kind, shard }: Victim): string | undefined {
    const object = this.shards()[shard];
    if (!object) return undefined;
    const { primary, inSync } = configurationOf(object, 0);
    return kind === 'primary' ? primary || undefined : inSync.find((node) => node !== primary);
  }

  rolesOf(nodes: readonly string[]): ReadonlyMap<string, Role> {
    return new Map(
      this.shards().map((shard) => {
        const { primary, inSync } = configurationOf(shard, 0);
        const role = nodes.includes(primary) ? 'primary' : nodes.some((node) => inSync.includes(node)) ? 'follower' : 'none';
        return [shard.metadata.name, role];
      }),
    );
  }

  inSyncOf(shard: VectorShard): readonly string[] {
    return configurationOf(shard, 0).inSync;
  }

  settled(copies: number): boolean {
    const shards = this.shards();
    return shards.length > 0 && shards.every((shard) => configurationOf(shard, 0).inSync.length >= copies);
  }

  #note(shard: VectorShard): void {
    const configuration = configurationOf(shard, this.#now());
    const before = this.configurations.findLast((other) => other.shard === configuration.shard);
    const { epoch, primary, inSync } = configuration;
    if (before && before.epoch === epoch && before.primary === primary && before.inSync.join() === inSync.join()) return;
    this.configurations.push(configuration);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#shards[Symbol.asyncDispose]();
    await this.#pods[Symbol.asyncDispose]();
  }
}

function configurationOf({ metadata, status }: VectorShard, atMs: number): Configuration {
  const nodeOf = (replicaId: string | undefined): string => status?.members?.find((member) => member.replicaId === replicaId)?.node ?? '';
  return {
    atMs,
    shard: metadata.name,
    epoch: status?.epoch ?? 0,
    primary: nodeOf(status?.primary),
    inSync: (status?.inSync ?? []).map(nodeOf).toSorted(),
  };
}
