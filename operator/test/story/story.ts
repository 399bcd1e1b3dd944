/** A cluster's life told: what was decided is written down turn by turn. */
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { observeCluster } from '../../src/observe/cluster.ts';
import { planCluster } from '../../src/plan/plan-cluster.ts';
import { planCollection } from '../../src/plan/plan-collection.ts';
import { ClusterLife } from './cluster-life.ts';
import { conditionLines, describe } from './words.ts';

const maxTurns = 60;

export class Story extends ClusterLife {
  readonly #lines: string[] = [];

  constructor(title: string) {
    super();
    this.#lines.push(title);
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  tell(sentence: string): void {
    this.#lines.push('', `* ${sentence}`);
  }

  /** What happens in it is not written down. */
  quietly(happens: () => void): void {
    const written = this.#lines.length;
    happens();
    this.#lines.length = written;
  }

  /** So many, whatever is left to do. */
  live(turns: number): void {
    for (let turn = 0; turn < turns; turn++) this.#tellTurn();
  }

  /** Turns until nothing changes, then what the statuses say. Throws when it does not come to rest. */
  untilRest(): void {
    const first = this.turns;
    while (this.#tellTurn()) {
      if (this.turns - first > maxTurns) throw new Error(`the story does not come to rest:\n${this.text}`);
    }
    const { conditions, nodes } = planCluster(observeCluster(this.objects()), this.now);
    this.#lines.push(`         nodes ${nodes.ready}/${nodes.total} ready`, ...conditionLines(conditions));
    for (const collection of this.store.list<VectorCollection>('VectorCollection')) {
      const plan = planCollection(this.observeCollection(collection));
      this.#lines.push(`         ${collection.metadata.name}: shards ${plan.shardsReady} ready`, ...conditionLines(plan.conditions));
      this.#lines.push(...this.#shardLines(collection.metadata.name));
    }
  }

  /** Shards with more than one copy, and those that do not serve. */
  #shardLines(collection: string): readonly string[] {
    return this.store
      .list<VectorShard>('VectorShard')
      .filter(({ spec }) => spec.vectorCollection === collection)
      .flatMap(({ metadata, spec, status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        if (spec.assignments.length === 1 && ready?.status === 'True') return [];
        const nodeOf = (id: string) => status?.members?.find(({ replicaId }) => replicaId === id)?.node ?? id;
        const inSync = status?.inSync?.map(nodeOf).join(', ') ?? '';
        const line = `${metadata.name} epoch ${status?.epoch ?? 0} led by ${nodeOf(status?.primary ?? 'nobody')}, in sync: ${inSync}`;
        return [`         ${line}`, ...(ready?.status === 'True' ? [] : [`           ${ready?.reason}: ${ready?.message}`])];
      });
  }

  #tellTurn(): boolean {
    const { steps, isBusy } = this.turn();
    this.#lines.push(...steps.map((step, index) => `${(index === 0 ? `turn ${this.turns}` : '').padEnd(9)}${describe(step)}`));
    return isBusy;
  }
}
