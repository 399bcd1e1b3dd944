/** Of each shard, who led in which epoch: at most one, and epochs only grow. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';

export class Epochs {
  readonly #primaries = new Map<string, string>();
  readonly #highest = new Map<string, number>();

  /** What is wrong about this state of a shard. */
  see({ metadata: { uid = '', name }, status }: VectorShard): string[] {
    const { epoch = 0, primary } = status ?? {};
    if (primary === undefined) return [];
    const highest = this.#highest.get(uid) ?? 0;
    this.#highest.set(uid, Math.max(epoch, highest));
    const key = `${uid} ${epoch}`;
    const before = this.#primaries.get(key) ?? primary;
    this.#primaries.set(key, before);
    return [
      ...(epoch < highest ? [`${name} went back from epoch ${highest} to ${epoch}`] : []),
      ...(before === primary ? [] : [`${name} had two primaries in epoch ${epoch}`]),
    ];
  }
}
