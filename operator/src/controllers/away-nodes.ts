/**
 * Since when nodes have been away, by cluster. In memory: after a restart of the operator a grace period begins anew, which costs a
 * repair a minute and never makes one too many.
 */
export class AwayNodes {
  readonly #since = new Map<string, Map<string, number>>();

  /** `away` are the nodes that are away now; those that are not are forgotten. The answer tells for how long, ms. */
  update(cluster: string, away: readonly string[], nowMs: number): (node: string) => number {
    const before = this.#since.get(cluster);
    const since = new Map(away.map((node) => [node, before?.get(node) ?? nowMs]));
    if (since.size === 0) this.#since.delete(cluster);
    else this.#since.set(cluster, since);
    return (node) => nowMs - (since.get(node) ?? nowMs);
  }
}
