/**
 * What storage nodes write about their copies, decided by their own code, and what they then report. The nodes of one shard write one
 * after the other here, so that they never conflict with each other, as real ones do now and then; they do with the operator.
 */
import { randomBytes } from 'node:crypto';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { ConflictError, NotFoundError } from '@vectorcluster/kube/errors.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { decide } from '@vectorcluster/storage-node/membership/decide.ts';
import type { PlayedNode } from './played-node.ts';

export interface RegistrationsOptions {
  readonly client: KubeClient;
  readonly onFailure: (error: unknown) => void;
}

interface Followed {
  newest: VectorShard;
  isWriting: boolean;
  /** By node. */
  readonly replicaIds: Map<string, string>;
}

export class Registrations {
  readonly #options: RegistrationsOptions;
  /** By namespace and name. */
  readonly #nodes = new Map<string, PlayedNode>();
  readonly #shards = new Map<string, Followed>();

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  started(node: PlayedNode): void {
    const { namespace } = node.options.identity;
    this.#nodes.set(objectKey(namespace, node.node), node);
    for (const followed of this.#shards.values()) {
      const { metadata, spec } = followed.newest;
      if (metadata.namespace === namespace && spec.assignments.some((assignment) => assignment.node === node.node)) this.#act(followed);
    }
  }

  seen(shard: VectorShard): void {
    const key = objectKey(shard.metadata.namespace, shard.metadata.name);
    const followed = this.#shards.get(key) ?? { newest: shard, isWriting: false, replicaIds: new Map() };
    this.#shards.set(key, followed);
    if (Number(shard.metadata.resourceVersion) >= Number(followed.newest.metadata.resourceVersion)) followed.newest = shard;
    this.#report(followed);
    this.#act(followed);
  }

  gone({ metadata }: VectorShard): void {
    const key = objectKey(metadata.namespace, metadata.name);
    for (const [node, replicaId] of this.#shards.get(key)?.replicaIds ?? []) this.#nodeOf(metadata.namespace, node)?.drops(replicaId);
    this.#shards.delete(key);
  }

  #act(followed: Followed): void {
    if (followed.isWriting) return;
    followed.isWriting = true;
    this.#write(followed)
      .catch(this.#options.onFailure)
      .finally(() => (followed.isWriting = false));
  }

  async #write(followed: Followed): Promise<void> {
    const { client } = this.#options;
    for (let wanted = this.#wanted(followed); wanted !== undefined; wanted = this.#wanted(followed)) {
      try {
        followed.newest = await client.replaceStatus(vectorShards, wanted);
      } catch (error) {
        if (error instanceof NotFoundError) return;
        if (!(error instanceof ConflictError)) throw error;
        const { name, namespace } = wanted.metadata;
        const stored = await client.get(vectorShards, name, namespace);
        if (stored === undefined) return;
        followed.newest = stored;
      }
    }
    this.#report(followed);
  }

  /** With what one of its nodes has to add; undefined when all is said. */
  #wanted(followed: Followed): VectorShard | undefined {
    const { newest } = followed;
    for (const { node } of newest.spec.assignments) {
      const played = this.#nodeOf(newest.metadata.namespace, node);
      if (played === undefined) continue;
      const { podUid, zone } = played.options;
      const local = { kind: 'open', replicaId: replicaIdOn(followed, node), eligibleFromEpoch: 1n, epoch: 0n } as const;
      const step = decide(newest, local, { node, podUid, zone });
      if (step.kind === 'register') return { ...newest, status: { ...newest.status, members: [...step.members] } };
    }
    return withLateCopy(newest);
  }

  #report(followed: Followed): void {
    const { metadata, status } = followed.newest;
    for (const { node, replicaId } of status?.members ?? []) {
      const played = this.#nodeOf(metadata.namespace, node);
      const epoch = BigInt(status?.epoch ?? 0);
      const role = replicaId === status?.primary ? 'leading' : 'following';
      const before = played?.replica(replicaId);
      if (played === undefined || (before?.epoch === epoch && before.role === role)) continue;
      const positions = { logged: 0n, committed: 0n, applied: 0n, points: 0 };
      const rest = { because: epoch > 0n ? undefined : 'no epoch yet', drainedTo: undefined };
      played.holds({ shard: metadata.uid ?? '', replicaId, epoch, role, serves: epoch > 0n, ...positions, ...rest });
    }
  }

  #nodeOf(namespace: string | undefined, node: string): PlayedNode | undefined {
    return this.#nodes.get(objectKey(namespace, node));
  }
}

/** A copy that registered after the first epoch began has nothing to catch up with: the primary takes it in. */
function withLateCopy(shard: VectorShard): VectorShard | undefined {
  const { members = [], inSync = [], primary } = shard.status ?? {};
  if (primary === undefined) return undefined;
  const late = members.find(({ kind, replicaId }) => kind === 'Voter' && !inSync.includes(replicaId));
  return late && { ...shard, status: { ...shard.status, inSync: [...inSync, late.replicaId] } };
}

function replicaIdOn({ replicaIds }: Followed, node: string): string {
  const known = replicaIds.get(node) ?? randomBytes(16).toString('hex');
  replicaIds.set(node, known);
  return known;
}
