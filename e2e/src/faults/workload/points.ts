/** The points that clients write: their generation is in the payload, and their slot, by which they are searched. */
import { z } from 'zod';

export const collection = 'chaos';
export const dimension = 8;

export interface PointBody {
  readonly id: number;
  readonly vector: number[];
  readonly payload: { readonly slot: number; readonly generation: number };
}

export function pointBody(id: number, slot: number, generation: number): PointBody {
  return {
    id,
    vector: Array.from({ length: dimension }, (_, axis) => Math.sin(id * 31 + axis + generation)),
    payload: { slot, generation },
  };
}

const shown = z.looseObject({ id: z.coerce.number(), payload: z.looseObject({ generation: z.int() }) });

export function generationsOf(points: readonly unknown[]): ReadonlyMap<number, number> {
  return new Map(points.map((point) => shown.parse(point)).map(({ id, payload }) => [id, payload.generation]));
}

/** One range of ids for each client. */
export function idSource(client: number): () => number {
  let next = client * 1_000_000_000 + 1;
  return () => next++;
}
