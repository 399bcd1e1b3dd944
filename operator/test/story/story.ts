/**
 * Whole rollouts without an API server: the real observe, plan and resources over values, the test in the place of kubelets and storage
 * nodes. What was decided is written down turn by turn, and bounds are checked at every turn.
 */
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { Node, PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import type { z } from 'zod';
import { observeCluster, type ClusterObjects } from '../../src/observe/cluster.ts';
import { observeCollection } from '../../src/observe/collection.ts';
import { isPodReady } from '../../src/observe/pod-state.ts';
import { observeShard } from '../../src/observe/shard.ts';
import { planCluster } from '../../src/plan/plan-cluster.ts';
import { planCollection } from '../../src/plan/plan-collection.ts';
import { planNodes } from '../../src/plan/plan-nodes.ts';
import { planShard } from '../../src/plan/plan-shard.ts';
import type { NodeStep } from '../../src/plan/step.ts';
import { carryOutClusterStep, carryOutCollectionStep, carryOutNodeStep, carryOutShardStep } from './carry-out.ts';
import { kubeletsBreathe, restartProcess, storageNodesBreathe } from './kubelets.ts';
import { Store, storyNamespace } from './store.ts';
import { conditionLines, describe, type AnyStep } from './words.ts';

const now = new Date('2026-01-01T00:01:00Z');
const maxTurns = 40;

export class Story {
  readonly #store = new Store();
  readonly #lines: string[] = [];
  readonly #brokenImages = new Set<string>();
  #turns = 0;

  constructor(title: string) {
    this.#lines.push(title);
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  tell(sentence: string): void {
    this.#lines.push('', `* ${sentence}`);
  }

  kubernetesNode(name: string, zone: string): void {
    const metadata = { name, labels: { 'topology.kubernetes.io/zone': zone } };
    this.#store.put<Node>({ apiVersion: 'v1', kind: 'Node', metadata, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  }

  cluster(spec: z.input<typeof vectorClusterSpec>): void {
    const metadata = { name: 'shop', namespace: storyNamespace };
    this.#store.put<VectorCluster>({
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCluster',
      metadata,
      spec: vectorClusterSpec.parse(spec),
    });
  }

  collection(name: string, spec: VectorCollection['spec']): void {
    this.#store.put<VectorCollection>({ apiVersion: 'vectorcluster.io/v1', kind: 'VectorCollection', metadata: { name }, spec });
  }

  breakImage(image: string): void {
    this.#brokenImages.add(image);
  }

  restartProcess(node: string): void {
    restartProcess(this.#store, node);
  }

  /** The Pod ends and does not start again. */
  evict(name: string): void {
    const pod = this.#store.find<Pod>('Pod', name);
    const status = { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' };
    if (pod !== undefined) this.#store.put({ ...pod, status });
  }

  deleteShard(index: number): void {
    const shard = this.#store.list<VectorShard>('VectorShard')[index];
    if (shard !== undefined) this.#store.delete('VectorShard', shard.metadata.name);
  }

  /** Turns until nothing changes, then what the statuses say. Throws when it does not come to rest. */
  untilRest(): void {
    const first = this.#turns;
    while (this.#turn()) {
      if (this.#turns - first > maxTurns) throw new Error(`the story does not come to rest:\n${this.text}`);
    }
    const { conditions, nodes } = planCluster(observeCluster(this.#objects()), now);
    this.#lines.push(`         nodes ${nodes.ready}/${nodes.total} ready`, ...conditionLines(conditions));
    for (const collection of this.#store.list<VectorCollection>('VectorCollection')) {
      const plan = planCollection(this.#observeCollection(collection));
      this.#lines.push(`         ${collection.metadata.name}: shards ${plan.shardsReady} ready`, ...conditionLines(plan.conditions));
    }
  }

  /** One look of every controller, then one breath of every kubelet and storage node. False when nothing was left to do. */
  #turn(): boolean {
    this.#turns += 1;
    const steps = [...this.#clusterTurn(), ...this.#collectionTurn(), ...this.#shardTurn()];
    this.#lines.push(...steps.map((step, index) => `${(index === 0 ? `turn ${this.#turns}` : '').padEnd(9)}${describe(step)}`));
    const acted = steps.some(({ kind }) => kind !== 'wait');
    const breathed = kubeletsBreathe(this.#store, this.#brokenImages);
    return storageNodesBreathe(this.#store) || breathed || acted;
  }

  #clusterTurn(): readonly AnyStep[] {
    const objects = this.#objects();
    const observed = observeCluster(objects);
    const { steps, nodeSteps } = planCluster(observed, now);
    this.#assertOneAtATime(nodeSteps);
    for (const step of steps) carryOutClusterStep(this.#store, objects, step);
    for (const step of planNodes(observed.nodes, now).steps) carryOutNodeStep(this.#store, objects, step);
    return [...steps, ...nodeSteps];
  }

  /** No turn takes two nodes down, nor a Ready one while another is not Ready. */
  #assertOneAtATime(steps: readonly NodeStep[]): void {
    const deleted = steps.filter(({ kind }) => kind === 'delete-pod').map(({ object }) => object);
    if (deleted.length > 1) throw new Error(`two nodes are taken down at once: ${deleted.join(', ')}`);
    const pods = this.#store.list<Pod>('Pod');
    const ready = pods
      .filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name);
    const [name] = deleted;
    if (name === undefined || !ready.includes(name)) return;
    if (ready.length < pods.length) throw new Error(`${name} is taken down while another node is not Ready:\n${this.text}`);
  }

  #collectionTurn(): readonly AnyStep[] {
    const clusterUid = this.#objects().cluster.metadata.uid ?? '';
    return this.#store.list<VectorCollection>('VectorCollection').flatMap((collection) => {
      const { steps, shards, shardsReady } = planCollection(this.#observeCollection(collection));
      for (const step of steps) carryOutCollectionStep(this.#store, collection, clusterUid, step);
      const stored = this.#store.find<VectorCollection>('VectorCollection', collection.metadata.name);
      if (stored !== undefined) this.#store.put({ ...stored, status: { shards, shardsReady } });
      return steps;
    });
  }

  #shardTurn(): readonly AnyStep[] {
    return this.#store.list<VectorShard>('VectorShard').flatMap((shard) => {
      const { steps } = planShard(observeShard(shard, (node) => this.#store.find<Pod>('Pod', node)));
      for (const step of steps) carryOutShardStep(this.#store, step);
      return steps;
    });
  }

  #observeCollection(collection: VectorCollection) {
    const { cluster, collections, pools, pods } = this.#objects();
    return observeCollection({ collection, cluster, collections, pools, pods, shards: this.#shardsWithConditions() });
  }

  /** With the conditions that the shard controller would have written. */
  #shardsWithConditions(): readonly VectorShard[] {
    return this.#store.list<VectorShard>('VectorShard').map((shard) => {
      const plan = planShard(observeShard(shard, (node) => this.#store.find<Pod>('Pod', node)));
      const conditions = plan.conditions.map((draft) => ({ ...draft, lastTransitionTime: now.toISOString() }));
      return { ...shard, status: { ...shard.status, conditions } };
    });
  }

  #objects(): ClusterObjects {
    const [cluster] = this.#store.list<VectorCluster>('VectorCluster');
    if (cluster === undefined) throw new Error('the story has no cluster');
    return {
      cluster,
      operatorVersion: '0.1.0',
      pools: this.#store.list<VectorPool>('VectorPool'),
      pods: this.#store.list<Pod>('Pod'),
      volumes: this.#store.list<PersistentVolumeClaim>('PersistentVolumeClaim'),
      budgets: this.#store.list<PodDisruptionBudget>('PodDisruptionBudget'),
      kubernetesNodes: this.#store.list<Node>('Node'),
      collections: this.#store.list<VectorCollection>('VectorCollection'),
      others: ['Service', 'ServiceAccount', 'Role', 'RoleBinding'].flatMap((kind) => this.#store.list<KubeObject>(kind)),
    };
  }
}
