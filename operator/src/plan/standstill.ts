/**
 * Copies that are being made and come no further. Each stands for a stream of data from a primary, and there are only so many at once; one
 * that has stopped is not waited for, or it would keep all others from being made.
 */

/** Longer than a snapshot takes, during which nothing of it shows. */
export const standstillAfterMs = 600_000;

/** How often copies that are being made are looked at: nothing else tells of each step. */
export const progressLookMs = 60_000;

/** A copy that stands still gives its turn to another. */
export function nextProgressMs(
  shards: readonly { readonly beingMade: readonly { readonly standstillMs: number }[] }[],
): number | undefined {
  const isMaking = shards.some(({ beingMade }) => beingMade.some(({ standstillMs }) => standstillMs < standstillAfterMs));
  return isMaking ? progressLookMs : undefined;
}
