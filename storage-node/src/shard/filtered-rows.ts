/** The rows of a view that a filter lets through. Payloads are read in blocks, through the cache. */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../model/filter.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { FoundRow, ReplicaView } from './replica-view.ts';

const blockRows = 512;

/** In no particular order. */
export function matchingRows(filter: Filter, view: ReplicaView): AsyncGenerator<FoundRow> {
  const ids = requiredIds(filter);
  return matching(filter, view, ids ? view.rowsAmong(ids) : view.live.rows());
}

/** In the order of their ids, from an id on. */
export function matchingRowsById(filter: Filter, view: ReplicaView, from: PointId | undefined): AsyncGenerator<FoundRow> {
  const ids = requiredIds(filter)?.filter((id) => from === undefined || comparePointIds(id, from) >= 0);
  return matching(filter, view, ids ? view.rowsAmong(ids.toSorted(comparePointIds)) : view.rowsById(from));
}

async function* matching(filter: Filter, view: ReplicaView, rows: AsyncIterable<number> | Iterable<number>): AsyncGenerator<FoundRow> {
  const matches = compileFilter(filter);
  let block: number[] = [];
  for await (const row of rows) {
    block.push(row);
    if (block.length < blockRows) continue;
    for (const found of await view.points(block)) if (matches(found.point.id, found.point.payload)) yield found;
    block = [];
    await afterOthers(); // what comes from the cache never waits by itself
  }
  for (const found of await view.points(block)) if (matches(found.point.id, found.point.payload)) yield found;
}

/** Ids that the filter restricts the answer to, when it does so at its top level. */
function requiredIds(filter: Filter): readonly PointId[] | undefined {
  for (const condition of filter.must) if (condition.kind === 'has-id') return [...new Set(condition.ids)];
  return undefined;
}
