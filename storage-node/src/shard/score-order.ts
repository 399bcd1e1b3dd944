/** Which of two scores is the better one. */
import type { Distance } from '../model/collection.ts';

interface Scored {
  readonly score: number;
}

/** Descending for similarities, ascending for distances. */
export function betterFirst(distance: Distance): (a: Scored, b: Scored) => number {
  return isSimilarity(distance) ? (a, b) => b.score - a.score : (a, b) => a.score - b.score;
}

/** Strict: better than the threshold, which is compared as a 32-bit float like the scores. */
export function beats(threshold: number | undefined, distance: Distance): (hit: Scored) => boolean {
  if (threshold === undefined) return () => true;
  const bound = Math.fround(threshold);
  return isSimilarity(distance) ? ({ score }) => score > bound : ({ score }) => score < bound;
}

function isSimilarity(distance: Distance): boolean {
  return distance === 'Cosine' || distance === 'Dot';
}
