export interface ZoneLoad {
  readonly zone: string;
  /** Nodes of the pool that is being grown. */
  readonly inPool: number;
  /** Nodes of the whole cluster. */
  readonly inCluster: number;
}

/** The zones of `count` new nodes, in order; empty when there is no zone. The problem is stated in README.md. */
export function spreadOverZones(zones: readonly ZoneLoad[], count: number): readonly string[] {
  const loads = zones.map((load) => ({ ...load })).toSorted(lighterFirst);
  const chosen: string[] = [];
  for (let index = 0; index < count; index++) {
    const lightest = loads.toSorted(lighterFirst)[0];
    if (lightest === undefined) break;
    lightest.inPool += 1;
    lightest.inCluster += 1;
    chosen.push(lightest.zone);
  }
  return chosen;
}

function lighterFirst(a: ZoneLoad, b: ZoneLoad): number {
  return a.inPool - b.inPool || a.inCluster - b.inCluster || (a.zone < b.zone ? -1 : 1);
}
