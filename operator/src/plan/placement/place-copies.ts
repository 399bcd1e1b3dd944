/** Copies of shards over zones and nodes: the problem, its two passes and why they end are stated in README.md. */

export interface PlaceableNode {
  readonly name: string;
  readonly zone: string;
  /** Copies that it holds already. */
  readonly load: number;
}

export interface PlacementProblem {
  readonly nodes: readonly PlaceableNode[];
  /** Names of the shards to place. */
  readonly shards: readonly string[];
  readonly copies: number;
}

/** For each shard the nodes that get a copy, in the order they were chosen; fewer than asked for when there are fewer nodes. */
export type Placement = ReadonlyMap<string, readonly string[]>;

interface Candidate {
  readonly name: string;
  readonly zone: string;
  load: number;
}

export function placeCopies({ nodes, shards, copies }: PlacementProblem): Placement {
  const candidates: readonly Candidate[] = nodes.map((node) => ({ ...node })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const placed = shards.map((shard) => ({ shard, chosen: placeGreedily(candidates, copies) }));
  const width = Math.min(copies, new Set(candidates.map(({ zone }) => zone)).size);
  while (placed.some(({ chosen }) => improve(chosen, candidates, width))) {
    // Each round lowers the sum of squared loads by at least two.
  }
  return new Map(placed.map(({ shard, chosen }) => [shard, chosen.map(({ name }) => name)]));
}

function placeGreedily(candidates: readonly Candidate[], copies: number): Candidate[] {
  const chosen: Candidate[] = [];
  while (chosen.length < Math.min(copies, candidates.length)) {
    const zoneUse = (zone: string) => chosen.filter((node) => node.zone === zone).length;
    const best = candidates
      .filter((node) => !chosen.includes(node))
      .map((node) => ({ node, cost: [zoneUse(node.zone), node.load, loadOfZone(candidates, node.zone)] }))
      .toSorted((a, b) => compareCosts(a.cost, b.cost))[0];
    if (best === undefined) break;
    best.node.load += 1;
    chosen.push(best.node);
  }
  return chosen;
}

/** Moves one copy of a shard to a node with clearly less load; false when no move helps. */
function improve(chosen: Candidate[], candidates: readonly Candidate[], width: number): boolean {
  for (const [index, from] of chosen.entries()) {
    const others = chosen.toSpliced(index, 1);
    const zonesOfOthers = new Set(others.map(({ zone }) => zone));
    const target = candidates
      .filter((node) => !chosen.includes(node) && node.load <= from.load - 2)
      .filter((node) => new Set([...zonesOfOthers, node.zone]).size >= width)
      .toSorted((a, b) => a.load - b.load)[0];
    if (target === undefined) continue;
    from.load -= 1;
    target.load += 1;
    chosen[index] = target;
    return true;
  }
  return false;
}

function loadOfZone(candidates: readonly Candidate[], zone: string): number {
  return candidates.reduce((sum, node) => (node.zone === zone ? sum + node.load : sum), 0);
}

/** First difference decides; equal costs keep the order of names. */
function compareCosts(a: readonly number[], b: readonly number[]): number {
  for (const [index, cost] of a.entries()) {
    const difference = cost - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
