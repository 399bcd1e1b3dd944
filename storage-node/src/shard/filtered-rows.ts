/** The points that a filter lets through. Payloads are read in blocks, through the cache. */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../model/filter.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import { LiveRows } from './live-rows.ts';
import type { CachedPoint } from './point-cache.ts';
import type { RowsView } from './stored-rows.ts';

export interface FoundRow {
  readonly row: number;
  readonly point: CachedPoint;
}

type Blocks<T> = AsyncGenerator<readonly T[]>;

const blockRows = 512;

/** Matching rows among `live`, which is looked at before this returns and must be as old as the view. */
export async function filteredRows(filter: Filter, live: LiveRows, view: RowsView): Promise<LiveRows> {
  const ids = requiredIds(filter);
  const candidates = ids ? rowsOfIds(view, ids) : inBlocks(live.copy());
  const selected = new LiveRows();
  for await (const found of matching(filter, candidates, view)) for (const { row } of found) selected.add(row);
  return selected;
}

/** Matching points in the order of their ids. */
export function filteredFrom(filter: Filter, from: PointId | undefined, view: RowsView): Blocks<FoundRow> {
  const ids = requiredIds(filter)?.filter((id) => from === undefined || comparePointIds(id, from) >= 0);
  return matching(filter, ids ? rowsOfIds(view, ids.toSorted(comparePointIds)) : view.rowsFrom(from, blockRows), view);
}

async function* matching(filter: Filter, candidates: Blocks<number>, view: RowsView): Blocks<FoundRow> {
  const matches = compileFilter(filter);
  for await (const rows of candidates) {
    const points = await view.points(rows);
    yield rows.flatMap((row, index) => {
      const point = points[index];
      return point && matches(point.id, point.payload) ? [{ row, point }] : [];
    });
    await afterOthers(); // what comes from the cache never waits by itself
  }
}

async function* rowsOfIds(view: RowsView, ids: readonly PointId[]): Blocks<number> {
  for (let from = 0; from < ids.length; from += blockRows) {
    const rows = await view.rowsOf(ids.slice(from, from + blockRows));
    yield rows.filter((row) => row !== undefined);
  }
}

async function* inBlocks(rows: LiveRows): Blocks<number> {
  let block: number[] = [];
  for (const row of rows.rows()) {
    block.push(row);
    if (block.length < blockRows) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** Ids that the filter restricts the answer to, when it does so at its top level. */
function requiredIds(filter: Filter): readonly PointId[] | undefined {
  for (const condition of filter.must) if (condition.kind === 'has-id') return [...new Set(condition.ids)];
  return undefined;
}
