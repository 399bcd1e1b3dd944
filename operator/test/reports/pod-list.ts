/** The Pods that a test says there are. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import type { Change } from '@vectorcluster/kube/object-cache.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';

export class PodList implements Pick<Informer<Pod>, 'list' | 'onChange'> {
  readonly #pods = new Map<string, Pod>();
  readonly #listeners = new Set<(change: Change<Pod>) => void>();

  list(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  onChange(listener: (change: Change<Pod>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  put(pod: Pod): void {
    const previous = this.#pods.get(pod.metadata.name);
    this.#pods.set(pod.metadata.name, pod);
    this.#tell(previous === undefined ? { kind: 'added', object: pod } : { kind: 'updated', object: pod, previous });
  }

  remove(name: string): void {
    const object = this.#pods.get(name);
    this.#pods.delete(name);
    if (object !== undefined) this.#tell({ kind: 'deleted', object });
  }

  #tell(change: Change<Pod>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export function storagePodObject(name: string, uid: string, podIP: string | undefined): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid, labels: { [labels.cluster]: 'shop' } },
    ...(podIP !== undefined && { status: { podIP, phase: 'Running' } }),
  };
}
