/**
 * Keeps this node's replicas as the VectorShards want them: for each shard, looks, decides (decide.ts) and does the one next step,
 * until there is nothing left to do. Shards are worked on in parallel, one step of a shard at a time.
 */
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { ConflictError } from '@vectorcluster/kube/errors.ts';
import type { Log } from '@vectorcluster/kube/log.ts';
import type { QueueMetrics } from '@vectorcluster/kube/metrics.ts';
import { hasSeen } from '@vectorcluster/kube/resource-version.ts';
import { vectorClusters, vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { WorkQueue, type Result, type WorkQueueOptions } from '@vectorcluster/kube/work-queue.ts';
import type { After } from '../replica/after.ts';
import type { ReplicaNetwork } from '../replica/ports.ts';
import { collectionConfigOf } from '../topology/collection-config.ts';
import type { ClusterWatch } from '../topology/cluster-watch.ts';
import { configurationOf } from './configuration-of.ts';
import { decide, type LocalState, type MembershipStep, type OwnIdentity } from './decide.ts';
import type { OpenReplicas } from './open-replicas.ts';
import { ShardConfiguration } from './shard-configuration.ts';
import { DamagedReplica } from './damaged-replica.ts';
import { keptBecause } from './orphaned-replica.ts';
import {
  ReplicaDamagedError,
  type CollectionReference,
  type HostedReplica,
  type ReplicaSurroundings,
  type ShardHost,
} from './shard-host.ts';

/** Replicas opened at the same time; each replays its part of the log. */
const concurrency = 16;
/** A shard has no more steps than this at once; one that seems to waits before it is looked at again. */
const stepsInARow = 12;
/** Data without a VectorShard are looked at again this often: their collection may be deleted later. */
const orphanLookMs = 60_000;

export interface MembershipOptions {
  readonly client: Pick<KubeClient, 'get' | 'list' | 'replaceStatus'>;
  readonly namespace: string;
  readonly cluster: { readonly name: string; readonly uid: string };
  readonly own: OwnIdentity;
  readonly watch: {
    readonly shards: Pick<ClusterWatch['shards'], 'list' | 'onChange'>;
    readonly collections: Pick<ClusterWatch['collections'], 'get'>;
  };
  readonly host: ShardHost;
  readonly network: ReplicaNetwork;
  readonly fetchSnapshot: ReplicaSurroundings['fetchSnapshot'];
  readonly replicas: OpenReplicas;
  readonly log: Log;
  readonly metrics: QueueMetrics;
  readonly after?: After;
  /** How the queue tells the time. */
  readonly timing?: Pick<WorkQueueOptions, 'now' | 'random' | 'schedule'>;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #queue: WorkQueue;
  readonly #objects = new Map<string, VectorShard>();
  /** Names of objects by UID, kept beyond their deletion so that it can be confirmed. */
  readonly #names = new Map<string, string>();
  readonly #open = new Map<string, HostedReplica>();
  readonly #damaged = new Map<string, DamagedReplica>();
  /** Assigned when the process started. Later ones do not make a node that serves others unready. */
  #starting: readonly string[] | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      name: 'membership',
      concurrency,
      maxDelayMs: 2_000,
      metrics: options.metrics,
      ...options.timing,
      onFailure: ({ key, error, retryAfterMs }) => options.log.warn({ shard: key, err: error, retryAfterMs }, 'membership step failed'),
    });
  }

  /** Shards that were assigned here when the process started and are not open yet, by name; undefined before they are known. */
  get notReady(): readonly string[] | undefined {
    return this.#starting?.filter((uid) => !this.#open.has(uid) && this.#isAssigned(uid)).map((uid) => this.#names.get(uid) ?? uid);
  }

  /** Of how many shards it had copies when the process started. */
  get assignedAtStart(): number {
    return this.#starting?.length ?? 0;
  }

  /** Works until `signal` is aborted. The watch has its first topology. */
  async run(signal: AbortSignal): Promise<void> {
    const { watch, host } = this.#options;
    const stopFollowing = watch.shards.onChange(({ kind, object }) => {
      const uid = object.metadata.uid ?? '';
      if (kind === 'deleted') this.#objects.delete(uid);
      else this.#remember(uid, object);
      this.#queue.add(uid);
    });
    for (const object of watch.shards.list()) this.#remember(object.metadata.uid ?? '', object);
    this.#starting = [...this.#objects.keys()].filter((uid) => this.#isAssigned(uid));
    for (const uid of new Set([...this.#objects.keys(), ...host.shards])) this.#queue.add(uid);
    try {
      await this.#queue.run((uid) => this.#settle(uid), signal);
    } finally {
      stopFollowing();
    }
  }

  #remember(uid: string, object: VectorShard): void {
    this.#objects.set(uid, object);
    this.#names.set(uid, object.metadata.name);
    this.#open.get(uid)?.replica.see(configurationOf(object));
    const damaged = this.#damaged.get(uid);
    if (damaged !== undefined) damaged.seen = configurationOf(object);
  }

  /** An answer may arrive after the watch has brought what others wrote on top of it. */
  #takeIfNewer(uid: string, object: VectorShard): void {
    const known = this.#objects.get(uid);
    if (known !== undefined && !hasSeen(known.metadata.resourceVersion, object.metadata.resourceVersion ?? '')) this.#remember(uid, object);
  }

  #isAssigned(uid: string): boolean {
    return this.#objects.get(uid)?.spec.assignments.some(({ node }) => node === this.#options.own.node) === true;
  }

  async #settle(uid: string): Promise<Result> {
    for (let steps = 0; steps < stepsInARow; steps += 1) {
      const shard = this.#objects.get(uid);
      const step = decide(shard, this.#local(uid), this.#options.own);
      if (step.kind === 'rest') {
        if (shard === undefined) this.#names.delete(uid);
        return;
      }
      const kept = shard === undefined ? await this.#keptBecause(uid) : undefined;
      if (kept !== undefined) {
        this.#options.log.warn({ shard: uid, because: kept }, 'data of a shard that has no VectorShard are kept');
        return { requeueAfterMs: orphanLookMs };
      }
      try {
        await this.#do(uid, shard, step);
        this.#options.log.info({ shard: uid, name: shard?.metadata.name, step: step.kind, because: step.because }, 'membership step done');
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        await this.#readAgain(uid);
      }
      if (step.kind === 'drop') return;
    }
    throw new Error(`shard ${uid} is not settled after ${stepsInARow} steps: its VectorShard keeps changing`);
  }

  #local(uid: string): LocalState {
    const replica = this.#open.get(uid);
    const damaged = replica?.replica.damage === undefined ? this.#damaged.get(uid) : replica.replica;
    if (damaged !== undefined) return { kind: 'damaged', replicaId: damaged.replicaId };
    if (replica === undefined) return { kind: this.#options.host.shards.includes(uid) ? 'on-disk' : 'none' };
    const { replicaId, epoch } = replica.replica.facts();
    return { kind: 'open', replicaId, epoch, eligibleFromEpoch: replica.epochOnDisk + 1n };
  }

  async #do(uid: string, shard: VectorShard | undefined, step: Exclude<MembershipStep, { readonly kind: 'rest' }>): Promise<void> {
    switch (step.kind) {
      case 'open': {
        if (shard === undefined) throw new TypeError('a shard without object is not opened');
        await this.#openReplica(uid, shard);
        break;
      }
      case 'register': {
        if (shard === undefined) throw new TypeError('a shard without object has no members');
        const status = { ...shard.status, members: [...step.members] };
        const registered = await this.#options.client.replaceStatus(vectorShards, { ...shard, status });
        if (this.#objects.has(uid)) this.#takeIfNewer(uid, registered); // else it was deleted meanwhile
        break;
      }
      case 'rebuild':
      case 'drop': {
        await this.#dropIfConfirmed(uid);
        break;
      }
    }
  }

  async #openReplica(uid: string, shard: VectorShard): Promise<void> {
    const { host, replicas, network, fetchSnapshot, client, namespace, log, after, timing } = this.#options;
    const configuration = new ShardConfiguration({
      client,
      namespace,
      name: shard.metadata.name,
      uid,
      watched: () => this.#objects.get(uid),
      onNewer: (object) => this.#takeIfNewer(uid, object),
      log,
      after,
      random: timing?.random ?? Math.random,
    });
    const config = collectionConfigOf((await this.#collectionOf(shard)).spec);
    try {
      const opened = await host.open(uid, { collection: ownerOf(shard), config, network, configuration, fetchSnapshot });
      this.#open.set(uid, opened);
      replicas.add(uid, opened.replica);
      opened.replica.runner.changes.subscribe(() => {
        if (opened.replica.damage !== undefined) this.#queue.add(uid);
      });
      opened.replica.see(configurationOf(this.#objects.get(uid) ?? shard));
    } catch (error) {
      if (!(error instanceof ReplicaDamagedError)) throw error;
      log.error({ shard: uid, name: shard.metadata.name, err: error }, 'copy is damaged and must be built again from another');
      const damaged = new DamagedReplica(uid, error.replicaId, error.message);
      damaged.seen = configurationOf(this.#objects.get(uid) ?? shard);
      this.#damaged.set(uid, damaged);
      replicas.addDamaged(uid, damaged);
    }
  }

  async #dropIfConfirmed(uid: string): Promise<void> {
    const { replicas, host, own } = this.#options;
    const fresh = await this.#fresh(uid);
    const step = decide(fresh, this.#local(uid), own);
    if (step.kind !== 'drop' && step.kind !== 'rebuild') {
      if (fresh !== undefined) this.#takeIfNewer(uid, fresh);
      this.#queue.add(uid);
      return;
    }
    replicas.remove(uid);
    this.#open.delete(uid);
    this.#damaged.delete(uid);
    await host.drop(uid);
    if (step.kind === 'drop') this.#names.delete(uid);
  }

  /** The collection is read first: one that goes with its cluster goes after it. */
  async #keptBecause(uid: string): Promise<string | undefined> {
    const { client, namespace, cluster, host } = this.#options;
    const collection = host.collectionOf(uid);
    if (collection === undefined) return undefined;
    const collectionNow = await client.get(vectorCollections, collection.name, namespace);
    const clusterNow = await client.get(vectorClusters, cluster.name, namespace);
    return keptBecause({ collection: { uid: collection.uid, now: collectionNow }, cluster: { uid: cluster.uid, now: clusterNow } });
  }

  async #readAgain(uid: string): Promise<void> {
    const fresh = await this.#fresh(uid);
    if (fresh === undefined) this.#objects.delete(uid);
    else this.#takeIfNewer(uid, fresh);
  }

  /** By a quorum read, never from the cache: what is decided on it deletes data. */
  async #fresh(uid: string): Promise<VectorShard | undefined> {
    const { client, namespace } = this.#options;
    const name = this.#names.get(uid);
    if (name !== undefined) {
      const found = await client.get(vectorShards, name, namespace);
      return found?.metadata.uid === uid ? found : undefined;
    }
    const { items } = await client.list(vectorShards, { namespace });
    return items.find(({ metadata }) => metadata.uid === uid);
  }

  async #collectionOf({ spec }: VectorShard): Promise<VectorCollection> {
    const { client, namespace, watch } = this.#options;
    // The shard may be seen before its collection: they are watched apart.
    const object =
      watch.collections.get(namespace, spec.vectorCollection) ?? (await client.get(vectorCollections, spec.vectorCollection, namespace));
    if (object === undefined) throw new Error(`VectorCollection ${spec.vectorCollection} of the shard is not there`);
    return object;
  }
}

function ownerOf({ metadata, spec }: VectorShard): CollectionReference {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) throw new Error(`VectorShard ${metadata.name} has no owner: it must be controlled by its VectorCollection`);
  return { name: spec.vectorCollection, uid: owner.uid };
}
