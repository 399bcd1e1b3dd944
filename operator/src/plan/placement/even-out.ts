/** Copies that should move so that nodes hold equally much: the problem, and why this ends, are stated in README.md. */

export interface PlacedShard {
  readonly name: string;
  /** Nodes with a copy. */
  readonly nodes: readonly string[];
  /** Its copy moves only where no other will do: it has to hand over first. */
  readonly primary: string | undefined;
  /** How much one copy of it is: a whole number, so that sums are exact. */
  readonly weight: number;
}

export interface PlacedNode {
  readonly name: string;
  readonly zone: string;
}

export interface Move {
  readonly shard: string;
  readonly from: string;
  readonly to: string;
}

/** A move must gain clearly, or weights that change a little would bring it back. */
const gainAtLeast = 1.5;

/** In their order, at most so many. Copies on nodes that are not among `nodes` stay. */
export function movesToEvenOut(nodes: readonly PlacedNode[], shards: readonly PlacedShard[], most: number): readonly Move[] {
  const places = new Map(nodes.map((node) => [node.name, { ...node, load: 0 }]));
  const holders = new Map(shards.toSorted(byName).map((shard) => [shard, new Set(shard.nodes)]));
  for (const [{ weight }, held] of holders) for (const name of held) add(places, name, weight);
  const moves: Move[] = [];
  while (moves.length < most) {
    const next = apart(places, holders) ?? lighter(places, holders);
    if (next === undefined) break;
    const { shard, from, to } = next;
    holders.get(shard)?.delete(from);
    holders.get(shard)?.add(to);
    add(places, from, -shard.weight);
    add(places, to, shard.weight);
    moves.push({ shard: shard.name, from, to });
  }
  return moves;
}

type Places = Map<string, PlacedNode & { load: number }>;
type Holders = ReadonlyMap<PlacedShard, ReadonlySet<string>>;

interface Found {
  readonly shard: PlacedShard;
  readonly from: string;
  readonly to: string;
}

/** One of two copies in a zone goes to a zone that has none. */
function apart(places: Places, holders: Holders): Found | undefined {
  for (const [shard, held] of holders) {
    const zones = zonesOf(places, held);
    const [from] = [...held].filter((name) => isShared(places, held, name)).toSorted(byLoad(places, -1));
    const [to] = [...places.keys()].filter((name) => !zones.has(places.get(name)?.zone ?? '')).toSorted(byLoad(places, 1));
    if (from !== undefined && to !== undefined) return { shard, from, to };
  }
  return undefined;
}

/** From the fullest to the emptiest that gains, without giving up a zone. */
function lighter(places: Places, holders: Holders): Found | undefined {
  const inOrder = [...places.keys()].toSorted(byLoad(places, -1));
  const loadOf = (name: string) => places.get(name)?.load ?? 0;
  for (const from of inOrder) {
    const leads = ([{ primary }]: readonly [PlacedShard, unknown]) => Number(primary === from);
    const own = [...holders].filter(([, held]) => held.has(from)).toSorted((a, b) => leads(a) - leads(b));
    for (const to of inOrder.toReversed()) {
      const found = own.find(
        ([{ weight }, held]) =>
          !held.has(to) && loadOf(from) - loadOf(to) >= gainAtLeast * weight && keepsZones(places, held, { from, to }),
      );
      if (found !== undefined) return { shard: found[0], from, to };
    }
  }
  return undefined;
}

function keepsZones(places: Places, held: ReadonlySet<string>, { from, to }: Pick<Move, 'from' | 'to'>): boolean {
  const after = [...held].map((name) => (name === from ? to : name));
  return zonesOf(places, after).size >= zonesOf(places, held).size;
}

function isShared(places: Places, held: ReadonlySet<string>, name: string): boolean {
  const zone = places.get(name)?.zone;
  return zone !== undefined && [...held].some((other) => other !== name && places.get(other)?.zone === zone);
}

function zonesOf(places: Places, names: Iterable<string>): ReadonlySet<string> {
  return new Set([...names].flatMap((name) => places.get(name)?.zone ?? []));
}

function add(places: Places, name: string, weight: number): void {
  const place = places.get(name);
  if (place !== undefined) place.load += weight;
}

function byLoad(places: Places, sign: 1 | -1) {
  const load = (name: string) => places.get(name)?.load ?? 0;
  return (a: string, b: string): number => sign * (load(a) - load(b)) || (a < b ? -1 : 1);
}

function byName(a: PlacedShard, b: PlacedShard): number {
  return a.name < b.name ? -1 : 1;
}
