/**
 * What an object still lacks of its spec, judged by Pods and by which copies are in sync, and by nothing that the operator says of it:
 * the yardstick for what conditions tell.
 */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pool, VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { isDeepStrictEqual } from 'node:util';
import type { OwnObject, Snapshot } from './record.ts';

/** Undefined: nothing. */
export function workLeft(object: OwnObject, world: Snapshot): string | undefined {
  switch (object.kind) {
    case 'VectorCluster':
      return first(object.spec.pools, (pool) => leftOfPool(object, pool, replicasOf(object, pool, world), world));
    case 'VectorPool': {
      const cluster = clusterOf(object, world);
      const pool = cluster?.spec.pools.find(({ name }) => name === object.spec.poolName);
      return cluster && pool ? leftOfPool(cluster, pool, object.spec.replicas, world) : 'it has no cluster';
    }
    case 'VectorCollection':
      return leftOfCollection(object, world);
    case 'VectorShard':
      return leftOfShard(object, world);
  }
}

/** Why an object may say that it is not done: work that is left, or a copy whose process is not back yet and may be in sync all the same. */
export function unrest(object: OwnObject, world: Snapshot): string | undefined {
  const left = workLeft(object, world);
  if (left !== undefined || (object.kind !== 'VectorShard' && object.kind !== 'VectorCollection')) return left;
  return first(shardsOf(object, world), ({ status }) =>
    first(status?.members ?? [], ({ node }) => {
      const pod = world.pods.get(node);
      return pod !== undefined && isReady(pod) ? undefined : `${node} is not Ready`;
    }),
  );
}

function shardsOf(object: VectorCollection | VectorShard, { own }: Snapshot): readonly VectorShard[] {
  const isOf = (shard: VectorShard): boolean =>
    object.kind === 'VectorShard' ? shard.metadata.name === object.metadata.name : shard.spec.vectorCollection === object.metadata.name;
  return [...own.values()].flatMap((each) => (each.kind === 'VectorShard' && isOf(each) ? [each] : []));
}

function leftOfPool({ metadata, spec }: VectorCluster, pool: Pool, replicas: number, { pods }: Snapshot): string | undefined {
  const nodes = [...pods.values()].filter(
    ({ metadata: { labels: own = {} } }) => own[labels.cluster] === metadata.name && own[labels.pool] === pool.name,
  );
  if (nodes.length !== replicas) return `pool ${pool.name} has ${nodes.length} of ${replicas} Pods`;
  return first(nodes, (pod) => {
    const [container] = pod.spec?.containers ?? [];
    if (!isReady(pod)) return `${pod.metadata.name} is not Ready`;
    if (spec.image !== undefined && container?.image !== spec.image) return `${pod.metadata.name} has another image`;
    const resources = container?.resources?.requests ?? {};
    if (!isDeepStrictEqual({ ...resources }, { ...pool.resources?.requests })) return `${pod.metadata.name} has other resources`;
    return undefined;
  });
}

function leftOfCollection(collection: VectorCollection, world: Snapshot): string | undefined {
  const cluster = clusterOf(collection, world);
  const shards = shardsOf(collection, world);
  const wanted = collection.spec.shards ?? cluster?.spec.collectionDefaults.shards;
  if (shards.length !== wanted) return `it has ${shards.length} of ${wanted} shards`;
  return first(shards, (shard) => workLeft(shard, world));
}

function leftOfShard(shard: VectorShard, world: Snapshot): string | undefined {
  const { epoch = 0, inSync = [], members = [], primary, handOff } = shard.status ?? {};
  const collection = world.own.get(`VectorCollection ${shard.spec.vectorCollection}`);
  const asked = collection?.kind === 'VectorCollection' ? collection.spec.replicationFactor : undefined;
  const wanted = asked ?? clusterOf(shard, world)?.spec.collectionDefaults.replicationFactor;
  const leader = members.find(({ replicaId }) => replicaId === primary);
  if (epoch === 0 || leader === undefined) return 'it has no primary';
  if (leader.eligibleFromEpoch > epoch) return 'its primary has started again';
  if (handOff !== undefined) return 'it is handed over';
  if (inSync.length !== wanted || shard.spec.assignments.length !== wanted) return `${inSync.length} of ${wanted} copies are in sync`;
  return first(members, ({ node, podUid }) => (world.pods.get(node)?.metadata.uid === podUid ? undefined : `${node} is away`));
}

function clusterOf({ spec }: VectorPool | VectorCollection | VectorShard, { own }: Snapshot): VectorCluster | undefined {
  const cluster = own.get(`VectorCluster ${spec.clusterName}`);
  return cluster?.kind === 'VectorCluster' ? cluster : undefined;
}

function replicasOf({ metadata }: VectorCluster, { name, replicas }: Pool, { own }: Snapshot): number {
  const pool = own.get(`VectorPool ${metadata.name}-${name}`);
  return replicas ?? (pool?.kind === 'VectorPool' ? pool.spec.replicas : 1);
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return metadata.deletionTimestamp === undefined && ready?.status === 'True';
}

function first<T>(all: readonly T[], reason: (each: T) => string | undefined): string | undefined {
  for (const each of all) {
    const found = reason(each);
    if (found !== undefined) return found;
  }
  return undefined;
}
