/**
 * What is known of one node, and what a report or the end of a stream makes of it. Pure; times are milliseconds on the operator's clock.
 *
 * A node is missed only when its process cannot be reached. One that answers but tells nothing usable (another version, a fault) is
 * `mute`: nothing is known of it.
 */
import { silentMissedMs, type Contact, type NodeSight, type ReplicaSight, type VolumeSight } from '../plan/node-sights.ts';
import { MalformedReportError, type NodeReport } from './node-report.ts';

export interface KnownNode {
  readonly podUid: string;
  readonly stream:
    /** Never reached, and no attempt has failed. */
    | { readonly kind: 'dialling' }
    | { readonly kind: 'reporting'; readonly number: bigint }
    | { readonly kind: 'closed'; readonly at: number }
    /** Given up by this side: nothing says that it closed. */
    | { readonly kind: 'silent' }
    | { readonly kind: 'mute' };
  /** When the newest report came; before the first, when it was dialled first. */
  readonly heardAt: number;
  readonly peers: ReadonlyMap<string, Contact>;
  readonly volume: VolumeSight | undefined;
  /** By replicaId. */
  readonly replicas: ReadonlyMap<string, ReplicaSight>;
}

/** How a stream, or the attempt to open one, ended. */
export type StreamEnd =
  | { readonly kind: 'closed'; readonly because: string }
  /** Nothing came for so long that this side gave it up. */
  | { readonly kind: 'silent'; readonly because: string }
  /** Another Pod, or another cluster's, is at that address. */
  | { readonly kind: 'foreign'; readonly because: string }
  /** The process is there and tells nothing that can be used. */
  | { readonly kind: 'mute'; readonly because: string };

export function dialled(podUid: string, now: number): KnownNode {
  return { podUid, stream: { kind: 'dialling' }, heardAt: now, peers: new Map(), volume: undefined, replicas: new Map() };
}

/** Throws MalformedReportError when a report is missing in between. */
export function withReport(known: KnownNode, report: NodeReport, now: number): KnownNode {
  const expected = known.stream.kind === 'reporting' ? known.stream.number + 1n : 1n;
  if (report.number !== expected) throw new MalformedReportError(`report ${report.number} came in the place of ${expected}`);
  const stream = { kind: 'reporting', number: report.number } as const;
  return { ...known, stream, heardAt: now, peers: report.peers, volume: report.volume, replicas: merged(known.replicas, report) };
}

function merged(known: KnownNode['replicas'], { number, replicas, gone }: NodeReport): KnownNode['replicas'] {
  if (number === 1n) return new Map(replicas.map((replica) => [replica.replicaId, replica]));
  if (replicas.length === 0 && gone.length === 0) return known;
  const result = new Map(known);
  for (const replica of replicas) result.set(replica.replicaId, replica);
  for (const replicaId of gone) result.delete(replicaId);
  return result;
}

export function withStreamEnd(known: KnownNode, end: StreamEnd, now: number): KnownNode {
  const closed = { ...known, stream: { kind: 'closed', at: now } } as const;
  const mute = { ...known, stream: { kind: 'mute' } } as const;
  // What became of a new attempt says nothing about the connection that was lost.
  const isAway = known.stream.kind === 'closed' || known.stream.kind === 'silent';
  switch (end.kind) {
    case 'closed':
      return isAway ? known : closed;
    case 'silent':
      return isAway ? known : { ...known, stream: { kind: 'silent' } };
    case 'foreign':
      // Whoever is there now: the process that was heard is not.
      if (known.stream.kind === 'reporting') return closed;
      return isAway ? known : mute;
    case 'mute':
      return mute;
  }
}

/** Undefined while nothing is known. */
export function sightOf(known: KnownNode, now: number): NodeSight | undefined {
  const { stream, heardAt, podUid, volume, replicas } = known;
  const silentMs = now - heardAt;
  if (stream.kind === 'mute' || (stream.kind === 'dialling' && silentMs < silentMissedMs)) return undefined;
  const isConnected = stream.kind === 'reporting';
  const closedForMs = stream.kind === 'closed' ? now - stream.at : undefined;
  // What it said of others is its word until it is missed itself.
  const isTrusted = isConnected && silentMs < silentMissedMs;
  return { podUid, isConnected, closedForMs, silentMs, volume, replicas, peers: isTrusted ? aged(known.peers, silentMs) : new Map() };
}

/** A node tells at once that a connection is back, and soon that one is silent: only what is closed grows older by itself. */
function aged(peers: KnownNode['peers'], ms: number): NodeSight['peers'] {
  if (allConnected(peers)) return peers;
  return new Map(
    Array.from(peers, ([node, { isConnected, closedForMs, silentMs }]): [string, Contact] => {
      if (isConnected) return [node, { isConnected, closedForMs, silentMs }];
      return [node, { isConnected, closedForMs: (closedForMs ?? 0) + ms, silentMs: silentMs + ms }];
    }),
  );
}

function allConnected(peers: KnownNode['peers']): boolean {
  for (const { isConnected } of peers.values()) if (!isConnected) return false;
  return true;
}
