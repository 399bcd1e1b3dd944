import type { ReplicaFacts } from '../replica-host/replica-facts.ts';

/** What a node has to tell the operator, and when to look at it again. */
export interface ReportSource {
  readonly node: string;
  readonly podUid: string;
  /** All replicas on this node, damaged ones too. */
  replicas(): Iterable<ReplicaFacts>;
  /** Undefined when it is not here any more. Called once a turn for each replica that changed, and not while nothing changes. */
  replica(replicaId: string): ReplicaFacts | undefined;
  /** Calls back after any change of any fact of a replica, and when it comes or goes. Call the result to end it. */
  onReplicaChange(listener: (replicaId: string) => void): () => void;
  /** Its volume; undefined while that is not known. */
  volume(): VolumeFacts | undefined;
  /** All other nodes that this one should have a link to. */
  peers(): Iterable<PeerFacts>;
  /** Calls back when a node connects or disconnects. */
  onPeerChange(listener: () => void): () => void;
}

export interface VolumeFacts {
  /** By this node's data. */
  readonly usedBytes: number;
  readonly freeBytes: number;
}

export interface PeerFacts {
  readonly node: string;
  readonly connected: boolean;
  /** Since its newest frame; undefined when never. */
  readonly silentMs: number | undefined;
  /** Undefined while connected. */
  readonly closedForMs: number | undefined;
}
