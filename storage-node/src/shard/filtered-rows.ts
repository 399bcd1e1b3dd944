/** The rows of a view that a filter lets through. Payloads are read in blocks, through the cache. */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../model/filter.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { FoundRow, ReplicaView } from './replica-view.ts';

const blockRows = 512;

type Blocks<T> = AsyncGenerator<readonly T[]>;

/** In no particular order. */
export function matchingRows(filter: Filter, view: ReplicaView): Blocks<FoundRow> {
  const ids = requiredIds(filter);
  return matching(filter, view, ids ? rowsAmong(ids, view) : inBlocks(view.live.rows()));
}

/** In the order of their ids, from an id on. */
export function matchingRowsById(filter: Filter, view: ReplicaView, from: PointId | undefined): Blocks<FoundRow> {
  const ids = requiredIds(filter)?.filter((id) => from === undefined || comparePointIds(id, from) >= 0);
  return matching(filter, view, ids ? rowsAmong(ids.toSorted(comparePointIds), view) : inBlocks(view.rowsById(from)));
}

async function* matching(filter: Filter, view: ReplicaView, candidates: Blocks<number>): Blocks<FoundRow> {
  const matches = compileFilter(filter);
  for await (const rows of candidates) {
    const points = await view.points(rows);
    yield points.filter(({ point }) => matches(point.id, point.payload));
    await afterOthers(); // what comes from the cache never waits by itself
  }
}

async function* rowsAmong(ids: readonly PointId[], view: ReplicaView): Blocks<number> {
  for (let from = 0; from < ids.length; from += blockRows) yield await view.rowsAmong(ids.slice(from, from + blockRows));
}

/** Rows in memory are gathered without a wait for each. */
async function* inBlocks(rows: Iterable<number> | AsyncIterable<number>): Blocks<number> {
  let block: number[] = [];
  if (Symbol.iterator in rows) {
    for (const row of rows) {
      if (block.push(row) < blockRows) continue;
      yield block;
      block = [];
    }
  } else {
    for await (const row of rows) {
      if (block.push(row) < blockRows) continue;
      yield block;
      block = [];
    }
  }
  yield block;
}

/** Ids that the filter restricts the answer to, when it does so at its top level. */
function requiredIds(filter: Filter): readonly PointId[] | undefined {
  for (const condition of filter.must) if (condition.kind === 'has-id') return [...new Set(condition.ids)];
  return undefined;
}
