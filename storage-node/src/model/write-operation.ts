/** Writes as a client asks for them, before the primary has resolved filters to ids and assigned rows. */
import type { Filter } from './filter.ts';
import type { JsonObject } from './json-value.ts';
import type { Point } from './point.ts';
import type { PointId } from './point-id.ts';

export type PointSelection =
  | { readonly kind: 'ids'; readonly ids: readonly PointId[] }
  | { readonly kind: 'filter'; readonly filter: Filter };

export type WriteOperation =
  | { readonly kind: 'upsert'; readonly points: readonly Point[] }
  | { readonly kind: 'delete'; readonly selection: PointSelection }
  /** Shallow merge of top-level keys; a null value deletes its key. */
  | { readonly kind: 'set-payload'; readonly selection: PointSelection; readonly payload: JsonObject };
