import { expect, test } from 'vitest';
import { histogramQuantile, parseMetrics, sumOf } from './prometheus-text.ts';

const page = (counts: readonly number[]) =>
  parseMetrics(
    [
      '# HELP run_seconds How long.',
      ...['0.01', '0.1', '1', '+Inf'].map((le, index) => `run_seconds_bucket{le="${le}",queue="pool"} ${counts[index]}`),
      `run_seconds_bucket{le="+Inf",queue="shard"} 1000`,
      `asked_total{verb="GET",of="a\\"b"} 3`,
      `asked_total{verb="PUT"} 4`,
      'plain 1.5e3',
    ].join('\n'),
  );

test('series are summed by name and label', () => {
  const samples = page([0, 0, 0, 0]);
  expect(sumOf(samples, 'asked_total')).toBe(7);
  expect(sumOf(samples, 'asked_total', (labels) => labels.get('verb') === 'PUT')).toBe(4);
  expect(sumOf(samples, 'plain')).toBe(1500);
});

test.for<[number, number]>([
  [0.5, 0.01],
  [0.75, 0.055],
  [0.99, 0.1],
])('quantile %d of what came since is %d', ([share, expected]) => {
  const measured = { before: page([100, 100, 100, 100]), after: page([150, 200, 200, 200]) };
  expect(histogramQuantile(measured, { name: 'run_seconds', share, chooses: (labels) => labels.get('queue') === 'pool' })).toBeCloseTo(
    expected,
    2,
  );
});

test('nothing observed has no quantile', () => {
  expect(histogramQuantile({ before: page([1, 1, 1, 1]), after: page([1, 1, 1, 1]) }, { name: 'run_seconds', share: 0.5 })).toBeNaN();
});
