/** The best rows over several segments, deterministic where scores are equal: the caller orders equal scores by id and cuts. */
import type { SegmentSearch, VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import type { Distance } from '../model/collection.ts';
import { rowsPerSegment, type LiveRows } from './live-rows.ts';
import { betterFirst } from './score-order.ts';

export interface RowHit {
  readonly row: number;
  readonly score: number;
}

export type RowSearch = Pick<SegmentSearch, 'vector' | 'k' | 'expansion' | 'exact'>;

type IndexedSegment = readonly [index: number, segment: VectorSegment];

/** A search is widened while its last score is shared beyond k, by this factor, up to so many more hits. */
const widenBy = 4;
const tiesMax = 4096;

/** `allowed` must not change meanwhile. Best first: the best `k`, and those beyond that share the score of the last one. */
export async function bestRows(
  segments: readonly IndexedSegment[],
  distance: Distance,
  request: RowSearch,
  allowed: LiveRows,
): Promise<readonly RowHit[]> {
  const parts = segments.flatMap(([index, segment]) => {
    const { bits, count } = allowed.segment(index);
    return count === 0 ? [] : [{ index, segment, allowed: bits, allowedCount: count }];
  });
  const better = betterFirst(distance);
  const most = request.k + tiesMax;
  for (let k = request.k + 1; ; k = Math.min(k * widenBy, most)) {
    const expansion = Math.max(k, request.expansion);
    const found = await Promise.all(
      parts.map(async ({ index, segment, ...rows }) => {
        const { slots, scores } = await segment.search({ ...request, k, expansion, ...rows });
        return Array.from(slots, (slot, at): RowHit => ({ row: index * rowsPerSegment + slot, score: scores[at] ?? 0 }));
      }),
    );
    const hits = found.flat().toSorted(better).slice(0, k);
    const last = hits[request.k - 1]?.score;
    if (hits.length < k || hits[k - 1]?.score !== last || k === most) return hits.filter((hit, at) => at < request.k || hit.score === last);
  }
}
