import { expect, test } from 'vitest';
import { beats, betterFirst } from './score-order.ts';

test.for([
  ['Cosine', [3, 2, 1]],
  ['Dot', [3, 2, 1]],
  ['Euclid', [1, 2, 3]],
  ['Manhattan', [1, 2, 3]],
] as const)(
  '%s: the best score comes first, and a threshold lets through what is better than it, not what is equal',
  ([distance, ordered]) => {
    const hits = [2, 1, 3].map((score) => ({ score }));
    expect(hits.toSorted(betterFirst(distance)).map(({ score }) => score)).toEqual(ordered);
    expect(hits.filter(beats(2, distance)).map(({ score }) => score)).toEqual([ordered[0]]);
    expect(hits.filter(beats(undefined, distance))).toEqual(hits);
  },
);

test('a threshold is as exact as the scores: a score of 0.1 does not beat 0.1', () => {
  expect([{ score: Math.fround(0.1) }].filter(beats(0.1, 'Dot'))).toEqual([]);
});
