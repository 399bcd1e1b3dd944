/** What can be done to a cluster, as values. Who is meant is said by role, and found when it happens. */
export type Victim = { readonly kind: 'primary' | 'follower'; readonly shard: number };

export type Fault =
  /** SIGKILL; the kubelet starts it again. */
  | { readonly kind: 'kill'; readonly victim: Victim }
  /** Primary and a follower of one shard at once. */
  | { readonly kind: 'kill-two'; readonly shard: number }
  /** SIGSTOP, later SIGCONT. */
  | { readonly kind: 'pause'; readonly victim: Victim; readonly forMs: number }
  /** SIGSTOP until another primary was named, or for `atMostMs`; then SIGCONT, so that two believe that they lead. */
  | { readonly kind: 'two-primaries'; readonly shard: number; readonly atMostMs: number }
  | { readonly kind: 'kill-operator'; readonly times: number; readonly everyMs: number }
  /** Nobody reaches the API server: connections are refused, or packets vanish. */
  | { readonly kind: 'api-down'; readonly how: 'refused' | 'silent'; readonly forMs: number }
  /** Packets from the one to the other vanish; unless one way, back too. */
  | { readonly kind: 'cut'; readonly from: Victim; readonly to: Victim; readonly oneWay: boolean; readonly forMs: number }
  /** Cut off from all other storage nodes, both ways, and `wholly` from operator and API server too; clients still reach it. */
  | { readonly kind: 'isolate'; readonly victim: Victim; readonly wholly: boolean; readonly forMs: number }
  /** What a link carries above this vanishes. */
  | { readonly kind: 'slow-link'; readonly from: Victim; readonly to: Victim; readonly bytesPerSecond: number; readonly forMs: number }
  | { readonly kind: 'lossy-link'; readonly from: Victim; readonly to: Victim; readonly lossPercent: number; readonly forMs: number }
  /** No byte is free on one node's volume. */
  | { readonly kind: 'full-disk'; readonly forMs: number }
  /** The node comes back with an empty volume. Never while a shard has no other in-sync copy. */
  | { readonly kind: 'wipe'; readonly victim: Victim };

export type FaultKind = Fault['kind'];

export const faultKinds = [
  'kill',
  'kill-two',
  'pause',
  'two-primaries',
  'kill-operator',
  'api-down',
  'cut',
  'isolate',
  'slow-link',
  'lossy-link',
  'full-disk',
  'wipe',
] as const satisfies readonly FaultKind[];

const tellVictim = ({ kind, shard }: Victim): string => `${kind} of shard ${shard}`;
const tellSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function tellFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `SIGKILL the ${tellVictim(fault.victim)}`;
    case 'kill-two':
      return `SIGKILL primary and a follower of shard ${fault.shard}`;
    case 'pause':
      return `SIGSTOP the ${tellVictim(fault.victim)} for ${tellSeconds(fault.forMs)}`;
    case 'two-primaries':
      return `SIGSTOP the primary of shard ${fault.shard} until there is another, at most ${tellSeconds(fault.atMostMs)}`;
    case 'kill-operator':
      return `SIGKILL the operator ${fault.times} times, every ${tellSeconds(fault.everyMs)}`;
    case 'api-down':
      return `API server ${fault.how} for ${tellSeconds(fault.forMs)}`;
    case 'cut':
      return `cut ${tellVictim(fault.from)} ${fault.oneWay ? '→' : '↔'} ${tellVictim(fault.to)} for ${tellSeconds(fault.forMs)}`;
    case 'isolate':
      return `cut the ${tellVictim(fault.victim)} off from ${fault.wholly ? 'all but clients' : 'all other nodes'} for ${tellSeconds(fault.forMs)}`;
    case 'slow-link':
      return `${tellVictim(fault.from)} ↔ ${tellVictim(fault.to)} carries ${fault.bytesPerSecond} bytes/s for ${tellSeconds(fault.forMs)}`;
    case 'lossy-link':
      return `${tellVictim(fault.from)} ↔ ${tellVictim(fault.to)} loses ${fault.lossPercent} % for ${tellSeconds(fault.forMs)}`;
    case 'full-disk':
      return `a volume is full for ${tellSeconds(fault.forMs)}`;
    case 'wipe':
      return `the ${tellVictim(fault.victim)} loses its volume`;
  }
}
