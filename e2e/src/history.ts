/**
 * What clients wrote and what they were told, and whether what is stored agrees with it. Pure.
 *
 * A slot is a fixed set of points that is always written and deleted as a whole, in one request. A request that failed may or may not
 * have taken effect, so its slot is retired: nothing is written to it again, and either outcome is right, but for each shard all of its
 * points must show the same one, because a batch is all or nothing per shard.
 */
export type Outcome = { readonly kind: 'generation'; readonly generation: number } | { readonly kind: 'absent' };

export interface Slot {
  readonly ids: readonly number[];
  /** What the last acknowledged request left. */
  readonly acknowledged: Outcome;
  /** What a request that failed would leave. */
  readonly uncertain?: Outcome | undefined;
}

export interface Violation {
  readonly ids: readonly number[];
  readonly allowed: readonly Outcome[];
  readonly found: readonly Outcome[];
  readonly what: 'an acknowledged write is lost or undone' | 'a batch took effect in part';
}

/** `stored` gives the generation of each point that is there; `shardOf` says which ids one entry of the log holds. */
export function violations(
  slots: readonly Slot[],
  stored: ReadonlyMap<number, number>,
  shardOf: (id: number) => string,
): readonly Violation[] {
  return slots.flatMap((slot) => {
    const allowed = slot.uncertain ? [slot.acknowledged, slot.uncertain] : [slot.acknowledged];
    return [...Map.groupBy(slot.ids, shardOf).values()].flatMap((ids): Violation[] => {
      const found = ids.map((id): Outcome => {
        const generation = stored.get(id);
        return generation === undefined ? { kind: 'absent' } : { kind: 'generation', generation };
      });
      if (found.some((outcome) => !allowed.some((each) => same(each, outcome)))) {
        return [{ ids, allowed, found, what: 'an acknowledged write is lost or undone' }];
      }
      const first = found[0];
      const mixed = first !== undefined && found.some((outcome) => !same(first, outcome));
      return mixed ? [{ ids, allowed, found, what: 'a batch took effect in part' }] : [];
    });
  });
}

function same(a: Outcome, b: Outcome): boolean {
  return a.kind === 'absent' ? b.kind === 'absent' : b.kind === 'generation' && a.generation === b.generation;
}
