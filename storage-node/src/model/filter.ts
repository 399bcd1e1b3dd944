/** Filters over payloads and ids, after parsing; semantics: reference of the public API, chapter "Filters". */
import type { PointId } from './point-id.ts';

/** must ∧ must_not ∧ should; an absent or empty list holds. A filter is itself a condition. */
export interface Filter {
  readonly must: readonly Condition[];
  readonly mustNot: readonly Condition[];
  readonly should: readonly Condition[];
}

export type MatchValue = string | boolean | bigint;

export type Condition =
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'has-id'; readonly ids: readonly PointId[] }
  | { readonly kind: 'is-empty'; readonly key: string }
  | { readonly kind: 'is-null'; readonly key: string }
  | { readonly kind: 'match-value'; readonly key: string; readonly value: MatchValue }
  | { readonly kind: 'match-any'; readonly key: string; readonly values: readonly MatchValue[] }
  | { readonly kind: 'match-except'; readonly key: string; readonly values: readonly MatchValue[] }
  | { readonly kind: 'range'; readonly key: string; readonly range: Range };

/** Numbers compared as 64-bit floats. */
export interface Range {
  readonly lt?: number | undefined;
  readonly gt?: number | undefined;
  readonly lte?: number | undefined;
  readonly gte?: number | undefined;
}
