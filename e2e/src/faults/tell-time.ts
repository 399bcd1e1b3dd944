/** Of the run's clock. */
export function inSeconds(ms: number | undefined): string {
  return ms === undefined ? '?' : (ms / 1000).toFixed(3);
}
