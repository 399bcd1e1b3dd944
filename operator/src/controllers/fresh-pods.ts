import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';

/** A cache is behind by more than this when it misleads; shards of one node that fail over together are decided in less. */
const freshMs = 250;

interface Reading {
  readonly begunAt: number;
  readonly pod: Promise<Pod | undefined>;
}

/** Pods as the API server has them now. A node that is lost takes a thousand primaries with it: its Pod is not read a thousand times. */
export class FreshPods {
  readonly #client: Pick<KubeClient, 'get'>;
  /** Milliseconds, monotonic. */
  readonly #now: () => number;
  readonly #readings = new Map<string, Reading>();

  constructor(client: Pick<KubeClient, 'get'>, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** Undefined when there is none. */
  get(namespace: string | undefined, name: string): Promise<Pod | undefined> {
    const key = objectKey(namespace, name);
    const now = this.#now();
    const known = this.#readings.get(key);
    if (known !== undefined && now - known.begunAt < freshMs) return known.pod;
    this.#forget(now);
    const reading = { begunAt: now, pod: this.#client.get(pods, name, namespace) };
    this.#readings.set(key, reading);
    reading.pod.catch(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    return reading.pod;
  }

  /** Oldest first, as they were begun: nobody is answered with them any more. */
  #forget(now: number): void {
    for (const [key, { begunAt }] of this.#readings) {
      if (now - begunAt < freshMs) break;
      this.#readings.delete(key);
    }
  }
}
