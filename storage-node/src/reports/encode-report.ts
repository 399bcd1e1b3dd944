import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  ReplicaRole,
  type PeerReportSchema,
  type ReplicaReportSchema,
  type VolumeReportSchema,
  type WatchResponseSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import type { PeerFacts, VolumeFacts } from './report-source.ts';

export type ReportMessage = MessageInitShape<typeof WatchResponseSchema>;

const roles: Readonly<Record<ReplicaFacts['role'], ReplicaRole>> = {
  following: ReplicaRole.FOLLOWING,
  leading: ReplicaRole.LEADING,
  barred: ReplicaRole.BARRED,
};

export function encodeReplica(facts: ReplicaFacts): MessageInitShape<typeof ReplicaReportSchema> {
  const { because, drainedTo, points, role, ...same } = facts;
  return {
    ...same,
    points: BigInt(points),
    role: roles[role],
    ...(because !== undefined && { because }),
    ...(drainedTo !== undefined && { drainedTo }),
  };
}

export function encodeVolume({ usedBytes, freeBytes }: VolumeFacts): MessageInitShape<typeof VolumeReportSchema> {
  return { usedBytes: BigInt(usedBytes), freeBytes: BigInt(freeBytes) };
}

export function encodePeer({ node, connected, silentMs, closedForMs }: PeerFacts): MessageInitShape<typeof PeerReportSchema> {
  return {
    node,
    connected,
    ...(silentMs !== undefined && { silentMs: wholeMs(silentMs) }),
    ...(closedForMs !== undefined && { closedForMs: wholeMs(closedForMs) }),
  };
}

function wholeMs(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms)));
}
