/** The live rows that a filter lets through. Payloads are read in blocks, through the cache. */
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../model/filter.ts';
import type { PointId } from '../model/point-id.ts';
import { LiveRows } from './live-rows.ts';
import type { StoredRows } from './stored-rows.ts';

const blockRows = 1024;

/** A row whose documents vanish while this reads was replaced meanwhile and does not match. */
export async function filteredRows(filter: Filter, live: LiveRows, stored: StoredRows, reader: DocumentReader): Promise<LiveRows> {
  const matches = compileFilter(filter);
  const selected = new LiveRows();
  const ids = requiredIds(filter);
  const candidates = ids ? (await stored.rowsOf(reader, ids)).filter((row) => row !== undefined) : [...live.rows()];
  for (let from = 0; from < candidates.length; from += blockRows) {
    const rows = candidates.slice(from, from + blockRows);
    const points = await stored.points(reader, rows);
    for (const [index, point] of points.entries()) {
      const row = rows[index];
      if (row !== undefined && point && matches(point.id, point.payload)) selected.add(row);
    }
  }
  return selected;
}

/** Ids that the filter restricts the answer to, when it does so at its top level. */
function requiredIds(filter: Filter): readonly PointId[] | undefined {
  for (const condition of filter.must) if (condition.kind === 'has-id') return [...new Set(condition.ids)];
  return undefined;
}
