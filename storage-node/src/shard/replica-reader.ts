/**
 * Reads of one replica. Each takes a view of the documents at the same moment as it looks at the rows in memory: documents are written
 * before memory changes and deleted a round after, so every row that lives then has its documents in the view.
 */
import { ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { PayloadSelector, PointRecord, ScoredPoint, VectorSelector } from '../model/point.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { PointSelection } from '../model/write-operation.ts';
import { selectPayload } from '../filter/payload-selection.ts';
import { admitVector } from './admission.ts';
import { filteredFrom, filteredRows, type FoundRow } from './filtered-rows.ts';
import type { ReplicaState } from './replica-state.ts';
import { beats, betterFirst } from './score-order.ts';
import type { RowsView } from './stored-rows.ts';

export interface ReplicaReaderOptions {
  readonly shard: string;
  readonly config: CollectionConfig;
  readonly state: ReplicaState;
}

const expansionDefault = 128;

export class ReplicaReader {
  readonly #shard: string;
  readonly #config: CollectionConfig;
  readonly #state: ReplicaState;
  #readable = true;

  constructor({ shard, config, state }: ReplicaReaderOptions) {
    this.#shard = shard;
    this.#config = config;
    this.#state = state;
  }

  search(request: SearchRequest): Promise<readonly ScoredPoint[]> {
    return this.#read(async (view) => {
      const { vectorName, limit, params, filter, scoreThreshold } = request;
      const vector = admitVector(vectorName, request.vector, this.#config);
      const search = this.#state.vectors.get(vectorName)?.searchNow();
      if (!search || limit === 0) return [];
      const { live } = this.#state;
      const allowed = filter ? await filteredRows(filter, live, view) : live;
      const expansion = Math.max(limit, params.hnswEf ?? expansionDefault);
      const hits = await search({ vector, k: limit, expansion, exact: params.exact }, allowed);
      const { distance } = search;
      const close = hits.filter(beats(scoreThreshold, distance));
      const points = await view.points(close.map(({ row }) => row));
      const found = close.flatMap((hit, index) => {
        const point = points[index];
        return point ? [{ ...hit, point }] : [];
      });
      const better = betterFirst(distance);
      const best = found.toSorted((a, b) => better(a, b) || comparePointIds(a.point.id, b.point.id)).slice(0, limit);
      const records = await recordsOf(view, best, request.withPayload, request.withVectors);
      return best.map(({ score, point }, index) => ({ ...records[index], id: point.id, score, version: Number(point.version) }));
    });
  }

  retrieve(request: RetrieveRequest): Promise<readonly PointRecord[]> {
    return this.#read(async (view) => {
      const rows = await view.rowsOf([...new Set(request.ids)]);
      const found = await pointsOf(
        view,
        rows.filter((row) => row !== undefined),
      );
      return recordsOf(view, found, request.withPayload, request.withVectors);
    });
  }

  scroll({ filter, from, limit, withPayload, withVectors }: ScrollRequest): Promise<readonly PointRecord[]> {
    return this.#read(async (view) => {
      const found: FoundRow[] = [];
      if (!filter) found.push(...(await pointsOf(view, await view.firstRows(from, limit))));
      else if (limit > 0) {
        for await (const block of filteredFrom(filter, from, view)) {
          found.push(...block.slice(0, limit - found.length));
          if (found.length >= limit) break;
        }
      }
      return recordsOf(view, found, withPayload, withVectors);
    });
  }

  count({ filter }: CountRequest): Promise<number> {
    return this.#read(async (view) => {
      const { live } = this.#state;
      return filter ? (await filteredRows(filter, live, view)).count : live.count;
    });
  }

  /** Ids that a selection names, of points that are there. */
  async select(selection: PointSelection): Promise<readonly PointId[]> {
    if (selection.kind === 'ids') return selection.ids;
    return this.#read(async (view) => {
      const rows = await filteredRows(selection.filter, this.#state.live, view);
      return (await pointsOf(view, [...rows.rows()])).map(({ point }) => point.id);
    });
  }

  async stats(): Promise<{ points: number; vectors: number; indexedVectors: number; segments: number }> {
    const all = [...this.#state.vectors.values()];
    return {
      points: this.#state.live.count,
      vectors: all.reduce((sum, each) => sum + each.count, 0),
      indexedVectors: all.reduce((sum, each) => sum + each.indexedCount, 0),
      segments: all.reduce((sum, each) => sum + each.segmentCount, 0),
    };
  }

  /** Refuses reads from now on; resolves when those under way are answered. */
  protected async stopReading(): Promise<void> {
    this.#readable = false;
    await this.#state.readers.untilTheseLeft();
  }

  async #read<T>(use: (view: RowsView) => Promise<T>): Promise<T> {
    if (!this.#readable) throw new ShardUnavailableError(`the replica of shard ${this.#shard} on this node is closed`);
    using _inside = this.#state.readers.enter();
    await using view = this.#state.stored.view();
    return await use(view);
  }
}

async function pointsOf(view: RowsView, rows: readonly number[]): Promise<readonly FoundRow[]> {
  const points = await view.points(rows);
  return rows.flatMap((row, index) => {
    const point = points[index];
    return point ? [{ row, point }] : [];
  });
}

async function recordsOf(
  view: RowsView,
  found: readonly FoundRow[],
  withPayload: PayloadSelector,
  withVectors: VectorSelector,
): Promise<readonly PointRecord[]> {
  const wantsVectors = withVectors === true || (Array.isArray(withVectors) && withVectors.length > 0);
  const rows = found.map(({ row }) => row);
  const vectors = wantsVectors ? await view.vectors(rows, withVectors) : [];
  return found.map(({ point }, index) => ({
    id: point.id,
    payload: withPayload === false ? undefined : selectPayload(point.payload, withPayload),
    vectors: vectors[index],
  }));
}
