/** What a plan of copies keeps count of while it is made: load of nodes, and how many copies may still be begun. */
import type { Leads } from './ask-hand-over.ts';
import type { CopyNode, ObservedCopies } from './observed-copies.ts';
import { chooseNode } from './placement/choose-node.ts';
import { isMoving } from './staying-copies.ts';
import { standstillAfterMs } from './standstill.ts';

/** Copies that are being made at once in one cluster. Each is a stream of data from a primary that also serves. */
export const maxCopiesBeingMade = 4;

export class CopyLedger {
  readonly #nodes: ReadonlyMap<string, CopyNode>;
  readonly #gracePeriodMs: number;
  readonly #leaving: ReadonlySet<string>;
  /** Copies, those on their way counted where they go. */
  readonly #load: Map<string, number>;
  /** Who should lead next: who leads least, and never who leaves if another will do. */
  readonly leads: Leads;
  #left: number;

  constructor({ nodes, shards, gracePeriodMs, leaving }: ObservedCopies) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    this.#gracePeriodMs = gracePeriodMs;
    this.#leaving = new Set(leaving);
    this.#load = new Map();
    for (const { assignments } of shards) {
      for (const copy of assignments) if (!isMoving(copy, assignments)) this.#add(copy.node, 1);
    }
    const led = Map.groupBy(shards, ({ primary }) => primary?.node ?? '');
    this.leads = { of: (node) => (led.get(node)?.length ?? 0) + (this.#leaving.has(node) ? shards.length : 0) };
    const beingMade = shards.flatMap((shard) => shard.beingMade).filter(({ standstillMs }) => standstillMs < standstillAfterMs);
    this.#left = maxCopiesBeingMade - beingMade.length;
  }

  zoneOf(node: string): string {
    return this.#nodes.get(node)?.zone ?? '';
  }

  loadOf(node: string): number {
    return this.#load.get(node) ?? 0;
  }

  isLost(node: string): boolean {
    const awayMs = this.#nodes.get(node)?.awayMs;
    return awayMs !== undefined && awayMs >= this.#gracePeriodMs;
  }

  isLeaving(node: string): boolean {
    return this.#leaving.has(node);
  }

  isAway(node: string): boolean {
    return this.#nodes.get(node)?.awayMs !== undefined;
  }

  /** A node for one more copy of a shard that has copies on `taken`, counted as begun; undefined when there is none, or too many are begun. */
  begin(role: 'Data' | 'Read', taken: readonly string[], besides: readonly string[]): string | undefined {
    if (this.#left <= 0) return undefined;
    const chosen = this.candidate(role, taken, besides);
    if (chosen === undefined) return undefined;
    this.beginOn(chosen);
    return chosen;
  }

  beginOn(node: string): void {
    this.#left -= 1;
    this.#add(node, 1);
  }

  /** Copies that may still be begun. */
  get left(): number {
    return this.#left;
  }

  /** The node that `begin` would choose: none of `taken`, in a zone that `besides` uses least. */
  candidate(role: 'Data' | 'Read', taken: readonly string[], besides: readonly string[]): string | undefined {
    const candidates = [...this.#nodes.values()]
      .filter(
        (node) =>
          node.role === role && node.isReady && node.awayMs === undefined && !this.#leaving.has(node.name) && !taken.includes(node.name),
      )
      .map(({ name, zone }) => ({ name, zone, load: this.loadOf(name) }));
    const zones = besides.map((node) => this.zoneOf(node));
    return chooseNode(candidates, zones)?.name;
  }

  gone(node: string): void {
    this.#add(node, -1);
  }

  #add(node: string, copies: number): void {
    this.#load.set(node, this.loadOf(node) + copies);
  }
}
