import type { Backoff } from '@vectorcluster/kube/backoff.ts';

/** Between tries of one request. Short, because a killed node is back within a second or two and every waiting client counts the pause. */
export const requestBackoff: Backoff = { baseDelayMs: 10, maxDelayMs: 250 };
