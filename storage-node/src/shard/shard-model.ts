/** What a shard holds, as a map from ids; every operation in a few plain lines. For tests. */
import { compileFilter } from '../filter/compile-filter.ts';
import type { Distance } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { JsonObject } from '../model/json-value.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { NamedVectors } from '../model/point.ts';
import type { WriteOperation } from '../model/write-operation.ts';

export interface ModelPoint {
  readonly payload: JsonObject;
  readonly vectors: NamedVectors;
}

export class ShardModel {
  #points: ReadonlyMap<PointId, ModelPoint>;

  constructor(points: ReadonlyMap<PointId, ModelPoint> = new Map()) {
    this.#points = points;
  }

  after(operation: WriteOperation): ShardModel {
    const points = new Map(this.#points);
    if (operation.kind === 'upsert') {
      for (const { id, payload, vectors } of operation.points) points.set(id, { payload, vectors });
      return new ShardModel(points);
    }
    const { selection } = operation;
    const ids = selection.kind === 'ids' ? selection.ids : this.ids(selection.filter);
    for (const id of ids) {
      const point = points.get(id);
      if (operation.kind === 'delete') points.delete(id);
      else if (point) {
        const merged = Object.entries({ ...point.payload, ...operation.payload }).filter(([, value]) => value !== null);
        points.set(id, { ...point, payload: Object.fromEntries(merged) });
      }
    }
    return new ShardModel(points);
  }

  get(id: PointId): ModelPoint | undefined {
    return this.#points.get(id);
  }

  /** Ascending. */
  ids(filter?: Filter): readonly PointId[] {
    const matches = filter ? compileFilter(filter) : () => true;
    const found = [...this.#points].filter(([id, { payload }]) => matches(id, payload));
    return found.map(([id]) => id).toSorted(comparePointIds);
  }

  /** Best first, equal scores by id. */
  nearest(search: {
    readonly name: string;
    readonly query: Float32Array;
    readonly distance: Distance;
    readonly filter: Filter | undefined;
    readonly threshold: number | undefined;
  }): readonly { readonly id: PointId; readonly score: number }[] {
    const { name, query, distance, threshold } = search;
    const sign = distance === 'Cosine' || distance === 'Dot' ? -1 : 1;
    const scored = this.ids(search.filter).flatMap((id) => {
      const vector = this.get(id)?.vectors.get(name);
      return vector ? [{ id, score: scoreOf(distance, query, vector) }] : [];
    });
    return scored
      .filter(({ score }) => threshold === undefined || sign * score < sign * threshold)
      .toSorted((a, b) => sign * (a.score - b.score) || comparePointIds(a.id, b.id));
  }
}

function scoreOf(distance: Distance, a: Float32Array, b: Float32Array): number {
  const terms = (term: (x: number, y: number) => number): number => a.reduce((sum, x, at) => sum + term(x, b[at] ?? 0), 0);
  const dot = terms((x, y) => x * y);
  switch (distance) {
    case 'Dot':
      return Math.fround(dot);
    case 'Cosine': {
      const lengths = Math.hypot(...a) * Math.hypot(...b);
      return Math.fround(lengths === 0 ? 0 : dot / lengths);
    }
    case 'Euclid':
      return Math.fround(Math.sqrt(terms((x, y) => (x - y) ** 2)));
    case 'Manhattan':
      return Math.fround(terms((x, y) => Math.abs(x - y)));
  }
}
