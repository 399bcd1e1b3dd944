/** Points that a scenario writes and finds again: each vector is its own nearest, and payloads say which point it is. Pure. */
const dimensions = 24;

export const collectionParameters = { vectors: { size: dimensions, distance: 'Euclid' } } as const;

export interface ScenarioPoint {
  readonly id: number;
  readonly vector: number[];
  readonly payload: { readonly name: string };
}

export function pointsFrom(first: number, count: number): ScenarioPoint[] {
  return Array.from({ length: count }, (_, index) => ({
    id: first + index,
    vector: vectorOf(first + index),
    payload: { name: nameOf(first + index) },
  }));
}

export function nameOf(id: number): string {
  return `point ${id}`;
}

/** Bits of the id: no two points have the same. */
export function vectorOf(id: number): number[] {
  return Array.from({ length: dimensions }, (_, bit) => (id >> bit) & 1);
}
