/** Which copy of each shard should be its primary, so that nodes lead equally many. The problem is stated in README.md. */

export interface LeadingLoad {
  readonly node: string;
  readonly zone: string;
  /** Shards that it leads, or should lead, already. */
  readonly leads: number;
}

/** The same copies of each shard, the one that should be primary first, the others as they were. */
export function spreadPrimaries(
  placement: ReadonlyMap<string, readonly string[]>,
  loads: readonly LeadingLoad[],
): ReadonlyMap<string, readonly string[]> {
  const leads = new Map(loads.map(({ node, leads: count }) => [node, count]));
  const inZone = new Map<string, number>();
  const zones = new Map(loads.map(({ node, zone }) => [node, zone]));
  for (const { zone, leads: count } of loads) inZone.set(zone, (inZone.get(zone) ?? 0) + count);
  const leadsOf = (node: string) => leads.get(node) ?? 0;
  const leadsNear = (node: string) => inZone.get(zones.get(node) ?? '') ?? 0;
  return new Map(
    [...placement].map(([shard, nodes]) => {
      const first = nodes.toSorted((a, b) => leadsOf(a) - leadsOf(b) || leadsNear(a) - leadsNear(b))[0];
      if (first === undefined) return [shard, nodes];
      leads.set(first, leadsOf(first) + 1);
      inZone.set(zones.get(first) ?? '', leadsNear(first) + 1);
      return [shard, [first, ...nodes.filter((node) => node !== first)]];
    }),
  );
}
