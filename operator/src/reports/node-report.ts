/** One report of a storage node, as it is taken from the wire. */
import { ReplicaRole, type ReplicaReport, type WatchResponse } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import type { Contact, ReplicaSight, VolumeSight } from '../plan/node-sights.ts';

export interface NodeReport {
  /** 1: complete, and the first of its stream; then one more each time, with what changed. */
  readonly number: bigint;
  readonly node: string;
  readonly podUid: string;
  /** What it says of the other nodes, at the time of the report. */
  readonly peers: ReadonlyMap<string, Contact>;
  readonly replicas: readonly ReplicaSight[];
  /** Undefined while it is not told. */
  readonly volume: VolumeSight | undefined;
  /** Ids of replicas that it does not hold any more. */
  readonly gone: readonly string[];
}

export class MalformedReportError extends Error {
  override readonly name = 'MalformedReportError';
}

/** Throws MalformedReportError. */
export function decodeReport(message: WatchResponse): NodeReport {
  const { number, node, podUid, gone } = message;
  if (number === 0n || node === '' || podUid === '') throw new MalformedReportError('a report without number, node or Pod');
  const peers = new Map(
    message.peers.map(({ node: peer, connected, silentMs, closedForMs }): [string, Contact] => {
      const closed = connected ? undefined : Number(closedForMs ?? 0n);
      // Never heard: for as long as it was waited for.
      return [peer, { isConnected: connected, closedForMs: closed, silentMs: Number(silentMs ?? closedForMs ?? 0n) }];
    }),
  );
  const volume = message.volume && {
    usedBytes: safeInteger(message.volume.usedBytes, 'usedBytes'),
    freeBytes: safeInteger(message.volume.freeBytes, 'freeBytes'),
  };
  return { number, node, podUid, peers, volume, replicas: message.replicas.map(decodeReplica), gone };
}

function decodeReplica(report: ReplicaReport): ReplicaSight {
  const { shard, replicaId, serves, applied, because, drainedTo } = report;
  if (shard === '' || replicaId === '') throw new MalformedReportError('a report of a replica without shard or id');
  return {
    shard,
    replicaId,
    epoch: safeInteger(report.epoch, 'epoch'),
    role: roleOf(report.role),
    serves,
    applied,
    points: safeInteger(report.points, 'points'),
    because,
    drainedTo,
  };
}

function roleOf(role: ReplicaRole): ReplicaSight['role'] {
  switch (role) {
    case ReplicaRole.FOLLOWING:
      return 'following';
    case ReplicaRole.LEADING:
      return 'leading';
    case ReplicaRole.BARRED:
      return 'barred';
    case ReplicaRole.UNSPECIFIED:
    default:
      throw new MalformedReportError(`a report of a replica in role ${role}, which this operator does not know`);
  }
}

function safeInteger(value: bigint, name: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedReportError(`a report with ${name} ${value}`);
  return Number(value);
}
