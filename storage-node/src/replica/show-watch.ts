/**
 * Which in-sync copies hold what is committed and show nothing more of it, however they answer: who waits for every copy to show a write
 * waits for them.
 */
import type { Leader } from '../replication/replica.ts';
import { isWaitedFor, silenceMs } from './peer-watch.ts';

export interface Showing {
  readonly applied: bigint;
  /** When it showed all that is committed, or last showed more. */
  readonly since: number;
}

export interface ShowWatched {
  readonly showing: ReadonlyMap<string, Showing>;
  readonly stuck: readonly string[];
}

/** `awakeSince`: nobody is blamed for what was not heard before. */
export function watchShowing(
  { role, committed }: Leader,
  before: ReadonlyMap<string, Showing>,
  { now, awakeSince }: { readonly now: number; readonly awakeSince: number },
): ShowWatched {
  const showing = new Map<string, Showing>();
  for (const [replicaId, { applied }] of role.peers) {
    if (!isWaitedFor(role, replicaId) || applied >= committed) continue;
    const known = before.get(replicaId);
    showing.set(replicaId, known?.applied === applied ? known : { applied, since: now });
  }
  const isStuck = ({ since }: Showing): boolean => now - Math.max(since, awakeSince) > silenceMs;
  return { showing, stuck: Array.from(showing).flatMap(([replicaId, each]) => (isStuck(each) ? [replicaId] : [])) };
}
