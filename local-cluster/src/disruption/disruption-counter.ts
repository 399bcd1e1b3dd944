/** Plays the part of kube-controller-manager that counts for PodDisruptionBudgets, which evictions are held against. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { podDisruptionBudgets, type PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { budgetStatus } from './budget-status.ts';

export interface DisruptionCounterOptions {
  readonly client: KubeClient;
  readonly pods: Informer<Pod>;
  readonly budgets: Informer<PodDisruptionBudget>;
}

export class DisruptionCounter {
  readonly #options: DisruptionCounterOptions;
  readonly #queue = new WorkQueue({ concurrency: 1 });

  constructor(options: DisruptionCounterOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { pods, budgets } = this.#options;
    const add = ({ metadata }: PodDisruptionBudget): void => this.#queue.add(objectKey(metadata.namespace, metadata.name));
    budgets.onChange(({ object }) => add(object));
    pods.onChange(() => budgets.list().forEach(add));
    await Promise.all([pods.synced(), budgets.synced()]);
    budgets.list().forEach(add);
    await this.#queue.run((key) => this.#count(key), signal);
  }

  async #count(key: string): Promise<void> {
    const { client, pods, budgets } = this.#options;
    const budget = budgets.list().find(({ metadata }) => objectKey(metadata.namespace, metadata.name) === key);
    if (budget === undefined) return;
    const status = budgetStatus(budget, pods.list());
    const isSame = Object.entries(status).every(([name, value]) => new Map(Object.entries(budget.status ?? {})).get(name) === value);
    if (isSame) return;
    const { name, namespace } = budget.metadata;
    await client.patch(podDisruptionBudgets, name, namespace, { status }, { subresource: 'status' });
  }
}
