/** The smallest value that `share` of all values do not exceed; 0 where there are none. Pure. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
