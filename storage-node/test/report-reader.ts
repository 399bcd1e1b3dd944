/** What a reader of reports knows: the messages as they came over the wire, put together. */
import { fromBinary, toBinary, create } from '@bufbuild/protobuf';
import { WatchResponseSchema, type ReplicaReport, type WatchResponse } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { encodeReplica, type ReportMessage } from '../src/reports/encode-report.ts';
import type { ReplicaFacts } from '../src/replica-host/replica-facts.ts';
import { ReplicaReportSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';

export class ReportReader {
  readonly replicas = new Map<string, ReplicaReport>();
  readonly reports: WatchResponse[] = [];

  read(message: WatchResponse): void {
    if (message.number !== BigInt(this.reports.length + 1)) throw new Error(`report ${message.number} came out of turn`);
    this.reports.push(message);
    for (const replica of message.replicas) this.replicas.set(replica.replicaId, replica);
    for (const replicaId of message.gone) this.replicas.delete(replicaId);
  }
}

export function overTheWire(report: ReportMessage): WatchResponse {
  return fromBinary(WatchResponseSchema, toBinary(WatchResponseSchema, create(WatchResponseSchema, report)));
}

export function asReported(facts: ReplicaFacts): ReplicaReport {
  return create(ReplicaReportSchema, encodeReplica(facts));
}
