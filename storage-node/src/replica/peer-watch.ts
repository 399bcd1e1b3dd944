/**
 * Whom a primary misses, and whom it should speak to again. A replica that owes an answer (its log is not known yet, or entries are not
 * acknowledged) and says nothing for too long is as good as gone, though its node may be alive.
 */
import type { Leader, Leading } from '../replication/replica.ts';

/** A replica that owes an answer and is silent for this long leaves the in-sync set. */
export const silenceMs = 3_000;
/** First time that a question is put again; each next one takes twice as long. */
const firstAgainMs = 500;
const lastAgainMs = 8_000;

/** What is owed by one replica; absent when nothing is. */
export interface Owing {
  readonly matched: bigint;
  /** When it began to owe, or last got further. */
  readonly since: number;
  readonly askedAt: number;
  readonly againMs: number;
}

export interface PeerFacts {
  readonly now: number;
  /** This process has not stood still since. */
  readonly awakeSince: number;
  /** When this replica said last how its log is. Whatever else it says, it may be unable to take an entry. */
  readonly answeredAt: (replicaId: string) => number | undefined;
  /** Its node is gone, or silent for too long. */
  readonly isAway: (replicaId: string) => boolean;
}

export interface Watched {
  readonly owing: ReadonlyMap<string, Owing>;
  readonly silent: readonly string[];
  readonly askAgain: readonly string[];
}

/** Writes wait for this other replica: it is in sync, or about to be. */
export function isWaitedFor({ configuration, peers }: Leading, replicaId: string): boolean {
  return configuration.inSync.includes(replicaId) || peers.get(replicaId)?.candidacy === 'waited-for';
}

export function watchPeers({ log, role }: Leader, before: ReadonlyMap<string, Owing>, facts: PeerFacts): Watched {
  const owing = new Map<string, Owing>();
  const silent: string[] = [];
  const askAgain: string[] = [];
  for (const [replicaId, { phase, matched }] of role.peers) {
    const isOneToWaitFor = isWaitedFor(role, replicaId);
    if (facts.isAway(replicaId)) {
      if (isOneToWaitFor) silent.push(replicaId);
      continue;
    }
    if (phase === 'streaming' && matched >= log.last) continue;
    const known = before.get(replicaId);
    const debt = known?.matched === matched ? known : { matched, since: facts.now, askedAt: facts.now, againMs: firstAgainMs };
    const quietSince = Math.max(debt.since, facts.answeredAt(replicaId) ?? 0, facts.awakeSince);
    // A snapshot may take as long as it takes; but that there is one may have been said in vain.
    if (isOneToWaitFor && phase !== 'copying' && facts.now - quietSince > silenceMs) silent.push(replicaId);
    if (facts.now - debt.askedAt >= debt.againMs) {
      askAgain.push(replicaId);
      owing.set(replicaId, { ...debt, askedAt: facts.now, againMs: Math.min(debt.againMs * 2, lastAgainMs) });
    } else owing.set(replicaId, debt);
  }
  return { owing, silent, askAgain };
}
