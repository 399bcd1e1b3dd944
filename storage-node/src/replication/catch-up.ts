/** What a primary sends to another replica: the entries it lacks while the log has them, else a snapshot first. Writers never wait for it. */
import type { Effect, Step } from './effects.ts';
import { positionAt, slice } from './log-shape.ts';
import type { Body, FromFollower, Message } from './messages.ts';
import { peerPhaseAfter, type Peer } from './peer.ts';
import type { Leader, Replica } from './replica.ts';
import type { Rules } from './rules.ts';

/** Entries in one message. */
export const entriesPerMessage = 256n;
/** Entries sent to one replica and not acknowledged. */
export const entriesUnderWay = 4096n;

export function send(replica: Replica, to: string, body: Body, when: 'at-once' | 'when-durable'): Effect {
  const message: Message = { shard: replica.shard, epoch: replica.epoch, from: replica.replicaId, to, ...body };
  return { kind: 'send', message, when };
}

/** Sends what `to` lacks and the window allows. A probe, or a message that only tells the commit index, is sent when `evenIfNothing`. */
export function sendEntries(leader: Leader, to: string, evenIfNothing: boolean): Step<Leader> {
  const { role, log, committed } = leader;
  const peer = role.peers.get(to);
  if (!peer || peer.phase === 'copying' || role.phase === 'adopting' || (peer.phase === 'probing' && !evenIfNothing)) return [leader, []];
  if (peer.next <= log.snapshot.sequence) {
    return [withPeer(leader, to, { ...peer, phase: 'copying' }), [{ kind: 'transfer-snapshot', to }]];
  }
  const messages: Effect[] = [];
  let { next } = peer;
  // A probe goes without entries: they may be there already, and it is put again whenever a connection or the follower is new.
  const limit = peer.phase === 'streaming' ? peer.matched + entriesUnderWay : next - 1n;
  const end = log.last < limit ? log.last : limit;
  for (let mustSend = evenIfNothing; mustSend || next <= end; mustSend = false) {
    const last = end < next + entriesPerMessage - 1n ? end : next + entriesPerMessage - 1n;
    const previous = positionAt(log, next - 1n);
    const entries = slice(log, next, last);
    messages.push(send(leader, to, { kind: 'append', previous, entries, inherited: role.inherited, committed }, 'at-once'));
    if (last >= next) next = last + 1n;
  }
  return [withPeer(leader, to, { ...peer, next: peer.phase === 'streaming' ? next : peer.next }), messages];
}

export function sendToAll(leader: Leader, evenIfNothing: boolean): Step<Leader> {
  let state = leader;
  const effects: Effect[] = [];
  for (const to of leader.role.peers.keys()) {
    const [next, sent] = sendEntries(state, to, evenIfNothing);
    state = next;
    effects.push(...sent);
  }
  return [state, effects];
}

export function onAppended(
  rules: Rules,
  leader: Leader,
  from: string,
  { upTo, applied }: Extract<FromFollower, { kind: 'appended' }>,
): Leader {
  const key = rules.progressOf(from, leader.role);
  const peer = leader.role.peers.get(key);
  if (!peer || upTo > leader.log.last) return leader;
  const matched = upTo > peer.matched ? upTo : peer.matched;
  return withPeer(leader, key, {
    ...peer,
    phase: peerPhaseAfter(peer.phase, 'matched'),
    matched,
    applied: applied > peer.applied ? applied : peer.applied,
    next: peer.next > matched && peer.phase === 'streaming' ? peer.next : matched + 1n,
  });
}

export function onMismatch(leader: Leader, from: string, { firstPossible }: Extract<FromFollower, { kind: 'mismatch' }>): Step<Leader> {
  const peer = leader.role.peers.get(from);
  // Each try is for less than the one before, or it would never end.
  if (!peer || firstPossible >= peer.next || firstPossible <= peer.matched || firstPossible < 1n) return [leader, []];
  const probing = { ...peer, phase: peerPhaseAfter(peer.phase, 'mismatched'), next: firstPossible };
  return sendEntries(withPeer(leader, from, probing), from, true);
}

/** Whatever was under way may be lost: from what is certain, again. */
export function onConnected(leader: Leader, to: string): Step<Leader> {
  const peer = leader.role.peers.get(to);
  if (!peer) return [leader, []];
  const next = peer.matched > 0n ? peer.matched + 1n : peer.next;
  return sendEntries(
    withPeer(leader, to, { ...peer, phase: peerPhaseAfter(peer.phase, 'connection-lost'), next, candidacy: 'none', isLeaving: false }),
    to,
    true,
  );
}

export function withPeer(leader: Leader, replicaId: string, peer: Peer): Leader {
  return { ...leader, role: { ...leader.role, peers: new Map(leader.role.peers).set(replicaId, peer) } };
}
