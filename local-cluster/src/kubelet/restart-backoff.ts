/** When an ended container may run again: at once the first time, then after 10 s, 20 s … up to a limit; forgotten after 10 minutes of running. */
export interface RestartBackoff {
  readonly restarts: number;
  readonly delayMs: number;
}

export const noBackoff: RestartBackoff = { restarts: 0, delayMs: 0 };

const firstDelayMs = 10_000;
const forgottenAfterMs = 600_000;

/** After a run of `ranMs` milliseconds: how long to wait now, at most `delayMsMax`. */
export function afterExit(before: RestartBackoff, ranMs: number, delayMsMax: number): RestartBackoff {
  if (ranMs >= forgottenAfterMs) return { restarts: before.restarts + 1, delayMs: 0 };
  if (before.restarts === 0) return { restarts: 1, delayMs: 0 };
  return { restarts: before.restarts + 1, delayMs: Math.min(delayMsMax, Math.max(firstDelayMs, before.delayMs * 2)) };
}
