/**
 * A cluster without an API server: the real observe, plan and resources over values, the test in the place of kubelets and storage
 * nodes. Bounds are checked at every turn.
 */
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { LeavingNode, VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { observeCluster, type ClusterObjects } from '../../src/observe/cluster.ts';
import { observeCollection } from '../../src/observe/collection.ts';
import type { ShardSurroundings } from '../../src/observe/shard.ts';
import { decideShard } from '../../src/controllers/shard-decide.ts';
import { withTimes, type ConditionDraft } from '../../src/plan/conditions.ts';
import { copiesWanted } from '../../src/plan/copies-wanted.ts';
import { volumeNameOf } from '../../src/plan/names.ts';
import { nodesAway, observeCopies } from '../../src/observe/copies.ts';
import { planCopies } from '../../src/plan/plan-copies.ts';
import { AwayNodes } from '../../src/controllers/away-nodes.ts';
import { ShardMemory } from '../../src/controllers/shard-memory.ts';
import type { NodeSights } from '../../src/plan/node-sights.ts';
import { planCluster } from '../../src/plan/plan-cluster.ts';
import { planCollection } from '../../src/plan/plan-collection.ts';
import { planNodes } from '../../src/plan/plan-nodes.ts';
import { carryOutClusterStep, carryOutCollectionStep, carryOutCopiesStep, carryOutNodeStep } from './carry-out.ts';
import { kubeletsBreathe } from './kubelets.ts';
import { putMachine, setMachineReady, setUnschedulable } from './machines.ts';
import { assertNodesMay } from './node-laws.ts';
import { objectsOf } from './objects-of.ts';
import { assertOperatorMay } from './shard-laws.ts';
import { sightsOf } from './sights.ts';
import { restartProcess, storageNodesBreathe } from './storage-nodes.ts';
import { Store, storyNamespace } from './store.ts';
import type { AnyStep } from './words.ts';

const beginning = Date.parse('2026-01-01T00:00:00Z');
const turnMs = 1000;

export interface Turn {
  readonly steps: readonly AnyStep[];
  /** Somebody did something. */
  readonly isBusy: boolean;
}

export class ClusterLife {
  readonly store = new Store(() => this.now);
  readonly #broken = { images: new Set<string>(), zones: new Set<string>() };
  readonly #troubles = { silent: new Set<string>(), undrained: new Set<string>() };
  readonly #away = new AwayNodes();
  readonly #memory = new ShardMemory(() => this.now.getTime());
  #staleSights: NodeSights | undefined;
  turns = 0;
  #passedMs = 0;

  /** A turn takes a second. */
  get now(): Date {
    return new Date(beginning + this.turns * turnMs + this.#passedMs);
  }

  kubernetesNode(name: string, zone: string): void {
    putMachine(this.store, name, zone);
  }

  cluster(spec: z.input<typeof vectorClusterSpec>): void {
    const metadata = { name: 'shop', namespace: storyNamespace };
    this.store.put<VectorCluster>({
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCluster',
      metadata,
      spec: vectorClusterSpec.parse(spec),
    });
  }

  /** Merged into the spec. */
  editCluster(spec: Partial<z.input<typeof vectorClusterSpec>>): void {
    this.cluster({ ...this.objects().cluster.spec, ...spec });
  }

  collection(name: string, spec: VectorCollection['spec']): void {
    this.store.put<VectorCollection>({ apiVersion: 'vectorcluster.io/v1', kind: 'VectorCollection', metadata: { name }, spec });
  }

  breakImage(image: string): void {
    this.#broken.images.add(image);
  }

  /** Nothing is done meanwhile. */
  passes(seconds: number): void {
    this.#passedMs += seconds * 1000;
  }

  /** Nobody hears the node, and nothing else is known of it. */
  silence(node: string): void {
    this.#troubles.silent.add(node);
  }

  isSilent(node: string): boolean {
    return this.#troubles.silent.has(node);
  }

  /** What the operator hears from now on is what it hears now. */
  holdReports(): void {
    this.#staleSights = this.#sights();
  }

  /** The data on the node are damaged: it begins anew with empty ones. */
  formatAnew(node: string): void {
    this.store.formats.set(node, (this.store.formats.get(node) ?? 0) + 1);
  }

  /** Everything that was broken works again. What is lost stays lost. */
  heal(): void {
    this.#broken.zones.clear();
    this.#troubles.silent.clear();
    this.#troubles.undrained.clear();
    this.#staleSights = undefined;
  }

  /** Its primaries go on ordering writes whatever they are asked. */
  keepFromDraining(node: string): void {
    this.#troubles.undrained.add(node);
  }

  /** All machines of the zone are off, and what ran there is gone. */
  zoneFails(zone: string): void {
    this.#broken.zones.add(zone);
    for (const pod of this.store.list<Pod>('Pod')) {
      if (pod.metadata.labels?.[labels.zone] === zone) this.store.delete('Pod', pod.metadata.name);
    }
  }

  /** Nobody hears from the zone's machine any more; its Pods stay, since Kubernetes cannot know that they do not run. */
  machineFallsSilent(zone: string): void {
    for (const node of setMachineReady(this.store, zone, false)) this.silence(node);
  }

  machineAnswers(zone: string): void {
    for (const node of setMachineReady(this.store, zone, true)) this.#troubles.silent.delete(node);
  }

  /** What runs there goes on; nothing new starts. */
  cordon(zone: string): void {
    this.#broken.zones.add(zone);
    setUnschedulable(this.store, zone, true);
  }

  /** As a drain does, or whoever deletes the Pod. */
  deletePod(name: string): void {
    const pod = this.store.find<Pod>('Pod', name);
    if (pod !== undefined) this.store.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: this.now.toISOString() } });
  }

  zoneReturns(zone: string): void {
    this.#broken.zones.delete(zone);
    setUnschedulable(this.store, zone, false);
  }

  loseVolume(node: string): void {
    this.store.delete('PersistentVolumeClaim', volumeNameOf(node));
    this.store.delete('Pod', node);
  }

  /** Merged into the spec. */
  editCollection(name: string, spec: Partial<VectorCollection['spec']>): void {
    const found = this.store.find<VectorCollection>('VectorCollection', name);
    if (found !== undefined) this.store.put({ ...found, spec: { ...found.spec, ...spec } });
  }

  restartProcess(node: string): void {
    restartProcess(this.store, node);
  }

  /** The Pod ends and does not start again. */
  evict(name: string): void {
    const pod = this.store.find<Pod>('Pod', name);
    const status = { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' };
    if (pod !== undefined) this.store.put({ ...pod, status });
  }

  /** As whoever wants the primary to go somewhere else. */
  askHandOver(index: number, node: string): void {
    const shard = this.store.list<VectorShard>('VectorShard')[index];
    const target = shard?.status?.members?.find((member) => member.node === node);
    if (shard === undefined || target === undefined) throw new Error(`there is no copy on ${node}`);
    const handOff = { target: target.replicaId, epoch: shard.status?.epoch ?? 0 };
    this.store.put({ ...shard, status: { ...shard.status, handOff } });
  }

  deleteShard(index: number): void {
    const shard = this.store.list<VectorShard>('VectorShard')[index];
    if (shard !== undefined) this.store.delete('VectorShard', shard.metadata.name);
  }

  /** One look of every controller, then one breath of every kubelet and storage node. */
  turn(): Turn {
    this.turns += 1;
    const steps = [...this.#clusterTurn(), ...this.#collectionTurn(), ...this.#copiesTurn(), ...this.#shardTurn()];
    const acted = steps.some(({ kind }) => kind !== 'wait');
    const breathed = kubeletsBreathe(this.store, this.#broken);
    const isBusy = storageNodesBreathe(this.store, this.#troubles.silent) || breathed || acted;
    return { steps, isBusy };
  }

  #clusterTurn(): readonly AnyStep[] {
    const objects = this.objects();
    const observed = observeCluster(objects);
    const { steps, nodeSteps, conditions } = planCluster(observed, this.now);
    this.#writeStatus(objects.cluster, conditions);
    assertNodesMay(this.store, nodeSteps);
    for (const step of steps) carryOutClusterStep(this.store, objects, step);
    const nodesPlan = planNodes(observed.nodes, this.now);
    for (const step of nodesPlan.steps) carryOutNodeStep(this.store, objects, step);
    for (const { pool, leaving } of nodesPlan.reports) this.#writeLeaving(pool.objectName, leaving);
    return [...steps, ...nodeSteps];
  }

  #writeStatus(cluster: VectorCluster, drafts: readonly ConditionDraft[]): void {
    const { generation = 0 } = cluster.metadata;
    const conditions = [...withTimes(drafts, cluster.status?.conditions, generation, this.now)];
    this.store.put<VectorCluster>({ ...cluster, status: { observedGeneration: generation, conditions } });
  }

  #writeLeaving(name: string, leaving: readonly LeavingNode[]): void {
    const pool = this.store.find<VectorPool>('VectorPool', name);
    if (pool === undefined || isDeepStrictEqual(pool.status?.leaving ?? [], leaving)) return;
    this.store.put({ ...pool, status: { ...pool.status, leaving: [...leaving] } });
  }

  #collectionTurn(): readonly AnyStep[] {
    const clusterUid = this.objects().cluster.metadata.uid ?? '';
    return this.store.list<VectorCollection>('VectorCollection').flatMap((collection) => {
      const { steps, shards, shardsReady } = planCollection(this.observeCollection(collection));
      for (const step of steps) carryOutCollectionStep(this.store, collection, clusterUid, step);
      const stored = this.store.find<VectorCollection>('VectorCollection', collection.metadata.name);
      if (stored !== undefined) this.store.put({ ...stored, status: { shards, shardsReady } });
      return steps;
    });
  }

  #copiesTurn(): readonly AnyStep[] {
    const objects = this.objects();
    const awayMs = this.#away.update('shop', nodesAway(objects), this.now.getTime());
    const { steps } = planCopies(observeCopies(objects, awayMs));
    for (const step of steps) carryOutCopiesStep(this.store, step);
    return steps;
  }

  #shardTurn(): readonly AnyStep[] {
    return this.store.list<VectorShard>('VectorShard').flatMap((shard) => {
      const { steps, status, isSame } = decideShard(shard, this.#surroundings(shard));
      if (isSame) return [];
      assertOperatorMay(shard.status, status);
      this.store.put({ ...shard, status });
      return steps;
    });
  }

  #surroundings({ spec }: VectorShard): ShardSurroundings {
    const collection = this.store.find<VectorCollection>('VectorCollection', spec.vectorCollection);
    return {
      podOf: (node) => this.store.find<Pod>('Pod', node),
      hasVolume: (node) => this.store.find('PersistentVolumeClaim', volumeNameOf(node)) !== undefined,
      wanted: collection && copiesWanted(collection.spec, this.objects().cluster.spec.collectionDefaults),
      sights: this.#sights(),
      ageMs: (of, condition) => this.#memory.ageMs(of, condition, this.now),
      standstillMs: (of, copy, position) => this.#memory.standstillMs(of, copy, position),
      now: this.now,
    };
  }

  #sights(): NodeSights {
    return this.#staleSights ?? sightsOf(this.store, this.#troubles);
  }

  observeCollection(collection: VectorCollection) {
    const { cluster, collections, pools, pods } = this.objects();
    const sights = this.#sights();
    const shards = this.store.list<VectorShard>('VectorShard');
    return observeCollection({
      collection,
      cluster,
      collections,
      pools,
      pods,
      sights,
      shards: shards.filter(({ spec }) => spec.vectorCollection === collection.metadata.name),
      shardsOfCluster: () => shards,
    });
  }

  objects(): ClusterObjects {
    return objectsOf(this.store, this.#sights(), this.#memory, this.now);
  }
}
