/** What happens to snapshots, as Prometheus metrics: one function per event. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { SnapshotFault } from './snapshot-errors.ts';

export interface SnapshotMetrics {
  /** Another node was refused one. */
  refused(reason: 'busy' | 'session-gone' | 'unknown-replica' | 'foreign-cluster'): void;
  sent(bytes: number): void;
  received(bytes: number): void;
  /** Something of what came in was not taken. */
  faultFound(fault: SnapshotFault): void;
  /** A connection broke and reading goes on. */
  resumed(): void;
  /** Asked at every scrape. */
  openIs(open: () => number): void;
}

export function createSnapshotMetrics(registry: Registry): SnapshotMetrics {
  const registers = [registry];
  const refused = new Counter({
    name: 'vectorcluster_snapshot_refused_total',
    help: 'Snapshots that other nodes asked for and did not get.',
    labelNames: ['reason'],
    registers,
  });
  const bytes = new Counter({
    name: 'vectorcluster_snapshot_bytes_total',
    help: 'Bytes of snapshots sent to other nodes and received from them.',
    labelNames: ['direction'],
    registers,
  });
  const faults = new Counter({
    name: 'vectorcluster_snapshot_faults_total',
    help: 'What was received and refused, by what was wrong with it.',
    labelNames: ['fault'],
    registers,
  });
  const resumed = new Counter({ name: 'vectorcluster_snapshot_resumed_total', help: 'Transfers that went on after a cut.', registers });
  return {
    refused: (reason) => refused.inc({ reason }),
    sent: (count) => bytes.inc({ direction: 'sent' }, count),
    received: (count) => bytes.inc({ direction: 'received' }, count),
    faultFound: (fault) => faults.inc({ fault }),
    resumed: () => resumed.inc(),
    openIs: (open) => {
      const gauge: Gauge = new Gauge({
        name: 'vectorcluster_snapshots_open',
        help: 'Snapshots held open for other nodes.',
        registers,
        collect: () => gauge.set(open()),
      });
    },
  };
}
