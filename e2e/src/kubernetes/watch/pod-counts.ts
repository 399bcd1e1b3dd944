/** Which Pods were made, and how many nodes were away at once. */
import type { Pod } from '@vectorcluster/kube/types/core.ts';

export class PodCounts {
  readonly #seen = new Set<string>();
  #made: string[] = [];
  #mostAway = 0;

  made({ metadata: { name, uid = '' } }: Pod): void {
    if (this.#seen.has(uid)) return;
    this.#seen.add(uid);
    this.#made.push(name);
  }

  /** `wanted`: nodes that there should be. */
  see(pods: readonly Pod[], wanted: number): void {
    this.#mostAway = Math.max(this.#mostAway, wanted - pods.filter(isServing).length);
  }

  /** Since this was asked before. */
  take(): { readonly made: readonly string[]; readonly mostAway: number } {
    const taken = { made: this.#made.toSorted(), mostAway: this.#mostAway };
    this.#made = [];
    this.#mostAway = 0;
    return taken;
  }
}

function isServing({ metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return isReady && metadata.deletionTimestamp === undefined;
}
