/** Which Pods were made, and how many nodes were taken down at once. One that is unready for a moment, on a busy machine, was not. */
import type { Pod } from '@vectorcluster/kube/types/core.ts';

export class PodCounts {
  readonly #seen = new Set<string>();
  /** Nodes whose Pod was deleted and that are not Ready again. */
  readonly #down = new Set<string>();
  #made: string[] = [];
  #mostDown = 0;

  see({ metadata: { name, uid = '', deletionTimestamp }, status }: Pod): void {
    if (!this.#seen.has(uid)) this.#made.push(name);
    this.#seen.add(uid);
    const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
    if (deletionTimestamp !== undefined) this.#down.add(name);
    else if (isReady) this.#down.delete(name);
    this.#mostDown = Math.max(this.#mostDown, this.#down.size);
  }

  /** Since this was asked before. */
  take(): { readonly made: readonly string[]; readonly mostDown: number } {
    const taken = { made: this.#made.toSorted(), mostDown: this.#mostDown };
    this.#made = [];
    this.#mostDown = this.#down.size;
    return taken;
  }
}
