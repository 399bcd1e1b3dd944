/** Delays between tries of one request: doubling from `firstMs` to `mostMs`, each cut by chance so that waiting requests spread out. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Short, because a killed node is back within a second or two and every waiting client counts the pause. */
export const requestBackoff: Backoff = { firstMs: 10, mostMs: 250 };

/** `tries` counts from 0; `random` is in [0, 1). The delay is between half and all of the doubled one. */
export function delayMs(tries: number, random: number, { firstMs, mostMs }: Backoff): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(tries, 30));
  return (whole * (1 + random)) / 2;
}
