/** When a process is missed. It decides how long a failover waits, never whether it is safe. */
import type { Contact, NodeSight } from './node-sights.ts';

/** A process that is restarted by its supervisor, or a connection that broke, may be back by then. */
export const missedWhenClosedMs = 400;

/** Six heartbeats. */
export const missedWhenSilentMs = 3000;

/** Three heartbeats: what a node said of others before that is no longer its word. */
export const trustedForMs = 1500;

export function isMissed({ connected, closedForMs = 0, silentMs = 0 }: Contact): boolean {
  return silentMs >= missedWhenSilentMs || (!connected && closedForMs >= missedWhenClosedMs);
}

/** Heard of so lately that what it says of others counts. */
export function isTrusted({ connected, silentMs }: Contact): boolean {
  return connected && silentMs !== undefined && silentMs < trustedForMs;
}

/** `reporter` can be heard and misses `node`. False when it never had to do with that node. */
export function isMissedBy(reporter: NodeSight | undefined, node: string): boolean {
  if (reporter === undefined || !isTrusted(reporter)) return false;
  const contact = reporter.peers.get(node);
  return contact !== undefined && isMissed(contact);
}
