/** Plays kube-scheduler: binds Pods that have no node yet, or says in the Pod's status why none fits. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { pods, type Node, type Pod } from '@vectorcluster/kube/types/core.ts';
import { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { schedule } from './schedule.ts';

export interface SchedulerOptions {
  readonly client: KubeClient;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly events: EventRecorder;
  /** The binding subresource: sets spec.nodeName once. */
  bind(pod: Pod, node: string): Promise<void>;
}

const retryMs = 5_000;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue = new WorkQueue({ concurrency: 1 });
  /** Bound here but perhaps not yet seen by the informer: counted, so that two Pods bound in a row spread. */
  readonly #bound = new Map<string, string>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (pod: Pod): void => {
      if (waits(pod)) this.#queue.add(keyOf(pod));
      else this.#bound.delete(pod.metadata.uid ?? '');
    };
    this.#options.pods.onChange(({ object }) => add(object));
    this.#options.nodes.onChange(() => this.#options.pods.list().forEach(add));
    await Promise.all([this.#options.pods.synced(), this.#options.nodes.synced()]);
    this.#options.pods.list().forEach(add);
    await this.#queue.run((key) => this.#reconcile(key), signal);
  }

  async #reconcile(key: string): Promise<{ requeueAfterMs: number } | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#options.pods.get(namespace, name);
    if (!pod || !waits(pod) || this.#bound.has(pod.metadata.uid ?? '')) return undefined;
    const decision = schedule(pod, { nodes: this.#options.nodes.list(), pods: this.#placed() });
    if (decision.kind === 'node') {
      await this.#options.bind(pod, decision.node);
      this.#bound.set(pod.metadata.uid ?? '', decision.node);
      const message = `Successfully assigned ${key} to ${decision.node}`;
      this.#options.events.event(pod, { type: 'Normal', reason: 'Scheduled', message });
      return undefined;
    }
    await this.#refuse(pod, decision.because);
    return { requeueAfterMs: retryMs };
  }

  #placed(): readonly Pod[] {
    return this.#options.pods
      .list()
      .map((pod) => {
        const nodeName = this.#bound.get(pod.metadata.uid ?? '');
        return nodeName === undefined || !pod.spec ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
      })
      .filter((pod) => pod.spec?.nodeName !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  }

  async #refuse(pod: Pod, because: string): Promise<void> {
    const before = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
    if (before?.status === 'False' && before.message === because) return;
    this.#options.events.event(pod, { type: 'Warning', reason: 'FailedScheduling', message: because });
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: because, lastTransitionTime };
    const status = { phase: 'Pending', conditions: [condition] };
    await this.#options.client.patch(pods, pod.metadata.name ?? '', pod.metadata.namespace, { status }, { subresource: 'status' });
  }
}

function waits(pod: Pod): boolean {
  const named = pod.spec?.nodeName;
  return (named === undefined || named === '') && pod.metadata.deletionTimestamp === undefined;
}

function keyOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}
