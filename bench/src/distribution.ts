import { quantile } from './quantile.ts';

/** Percentiles by nearest rank, in milliseconds. */
export function distribution(samplesMs: readonly number[]): string {
  const at = (share: number): string => quantile(samplesMs, share).toFixed(1);
  return `p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)} ms  (${samplesMs.length} samples)`;
}
