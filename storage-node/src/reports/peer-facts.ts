import type { PeerFacts } from './report-source.ts';

/** Times on this node's own monotonic clock, ms. */
export interface LinkTimes {
  isConnected(node: string): boolean;
  lastHeardAt(node: string): number | undefined;
  disconnectedSince(node: string): number | undefined;
}

export function peerFacts(nodes: Iterable<string>, links: LinkTimes, nowMs: number): readonly PeerFacts[] {
  const since = (at: number | undefined) => (at === undefined ? undefined : Math.max(0, nowMs - at));
  return Array.from(nodes, (node) => {
    const connected = links.isConnected(node);
    const closedForMs = connected ? undefined : since(links.disconnectedSince(node));
    return { node, connected, silentMs: since(links.lastHeardAt(node)), closedForMs };
  });
}

/** Nodes beat on each other's links twice a second: who was heard within two beats is well, and how long ago it was is no news. */
const heardWithinMs = 1000;

export function areWell(peers: Iterable<PeerFacts>): boolean {
  for (const { connected, silentMs = Infinity } of peers) if (!connected || silentMs >= heardWithinMs) return false;
  return true;
}
