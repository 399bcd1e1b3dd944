/** Exponential backoff with jitter: the n-th failure in a row waits between half and all of base · 2^(n−1), at most max. */
export interface Backoff {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export function backoffDelayMs(backoff: Backoff, failuresInARow: number, random: () => number): number {
  // The exponent is bounded so that the product stays a finite number.
  const whole = Math.min(backoff.maxDelayMs, backoff.baseDelayMs * 2 ** Math.min(failuresInARow - 1, 40));
  return whole / 2 + (whole / 2) * random();
}
