import { Counter, Gauge, type Registry } from 'prom-client';

export interface ReportMetrics {
  reportReceived(): void;
  /** `ending`: closed, silent, foreign or mute. */
  streamEnded(ending: string): void;
  /** Asked at every scrape. */
  reportingIs(count: () => number): void;
}

export function createReportMetrics(registry: Registry): ReportMetrics {
  const registers = [registry];
  const received = new Counter({ name: 'vectorcluster_operator_reports_received_total', help: 'Reports of storage nodes.', registers });
  const endings = new Counter({
    name: 'vectorcluster_operator_report_streams_ended_total',
    help: 'Report streams, and attempts to open one, that ended: the node was gone (closed), nothing came (silent), somebody else was there (foreign), or it told nothing usable (mute).',
    labelNames: ['ending'],
    registers,
  });
  let count: (() => number) | undefined;
  const gauge: Gauge = new Gauge({
    name: 'vectorcluster_operator_nodes_reporting',
    help: 'Storage nodes with an open report stream.',
    registers,
    collect: () => gauge.set(count?.() ?? 0),
  });
  return {
    reportReceived: () => received.inc(),
    streamEnded: (ending) => endings.inc({ ending }),
    reportingIs: (asked) => void (count = asked),
  };
}
